import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { expect, test } from '@jest/globals'
import { MongoClient } from 'mongodb'
import { cleanUp } from '@guestbook/service-kit/testing'
import { freePort } from '../../system-tests/lib/free-port.ts'
import { Sandbox } from './sandbox.ts'
import { ROOT } from './tools.ts'

const MONGOD = process.env.MONGOMS_SYSTEM_BINARY ?? `${ROOT}.tools/mongod/mongod`
const NOT_AUTHORISED = 13
const AUTHENTICATION_FAILED = 18

/** A real mongod, started by start.sh on another port. */
async function startMember (): Promise<{ port: number, ready: () => Promise<number> }> {
  const port = await freePort()
  const sandbox = new Sandbox({ mongod: 'exec "$MONGOD" "$@"' })
  sandbox.write('/etc/guestbook-mongodb/keys/replica-set-key', 'c2hhcmVkLWtleQ==')
  sandbox.write('/opt/guestbook-mongodb/replicas', '1')
  sandbox.write('/proc/net/if_inet6', '')
  const onPort = (text: string) => text.replace('27017', String(port))
  const member = spawn(
    'bash',
    [sandbox.script('start.sh', onPort)],
    {
      env: { PATH: sandbox.searchPath, CACHE_SIZE_GB: '0.25', MONGOD },
      stdio: ['ignore', 'pipe', 'inherit']
    }
  )
  const ended = once(member, 'close')
  cleanUp(async () => {
    member.kill('SIGKILL')
    await ended
  })
  const log: string[] = []
  for await (const line of createInterface(member.stdout)) {
    log.push(line)
    if (line.includes('"Waiting for connections"')) {
      member.stdout.resume()
      return {
        port, ready: async () => (await sandbox.run('hello.sh', {}, ['ready'], onPort)).status
      }
    }
  }
  throw new Error(`mongod ended: ${log.join('\n')}`)
}

/** Result of a command: "not refused", or the code of its error. Default: on the primary. */
async function code (
  port: number,
  credentials: string,
  command: (client: MongoClient) => Promise<unknown>,
  member: 'replicaSet=rs0' | 'directConnection=true' = 'replicaSet=rs0'
): Promise<unknown> {
  const client = new MongoClient(`mongodb://${credentials}127.0.0.1:${port}/?${member}`)
  try {
    await command(client)
    return 'not refused'
  } catch (error) {
    return (error as { code?: unknown }).code ?? error
  } finally {
    await client.close()
  }
}

test('a member of start.sh is ready once initiated, and requires a password', async () => {
  const { port, ready } = await startMember()
  const asAdmin = async (credentials: string, command: object) =>
    await code(
      port,
      credentials,
      async client => await client.db('admin').command({ ...command })
    )
  const config = { _id: 'rs0', members: [{ _id: 0, host: `127.0.0.1:${port}` }] }
  expect(await ready()).toBe(1)

  expect(
    await code(
      port,
      '',
      async client => await client.db('admin').command({ replSetInitiate: config }),
      'directConnection=true'
    )
  ).toBe('not refused')
  while ((await ready()) !== 0);
  expect(await asAdmin('', { createUser: 'root', pwd: 'secret', roles: ['root'] })).toBe(
    'not refused'
  )

  expect(await asAdmin('root:secret@', { usersInfo: 1 })).toBe('not refused')
  expect(await asAdmin('', { usersInfo: 1 })).toBe(NOT_AUTHORISED)
  expect(await asAdmin('', { createUser: 'another', pwd: 'secret', roles: ['root'] })).toBe(
    NOT_AUTHORISED
  )
  expect(
    await code(
      port,
      '',
      async client => await client.db('guestbook').collection('messages').findOne()
    )
  ).toBe(NOT_AUTHORISED)
  expect(
    await code(
      port,
      '',
      async client => await client.db('guestbook').collection<object>('messages').insertOne({})
    )
  ).toBe(NOT_AUTHORISED)
  expect(await asAdmin('root:wrong@', { ping: 1 })).toBe(AUTHENTICATION_FAILED)
})
