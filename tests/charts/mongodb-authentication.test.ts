import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { expect, test } from '@jest/globals'
import { MongoClient, type Collection, type Db } from 'mongodb'
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
  const member = spawn('bash', [sandbox.script('start.sh', onPort)], {
    env: { PATH: sandbox.searchPath, CACHE_SIZE_GB: '0.25', MONGOD },
    stdio: ['ignore', 'pipe', 'inherit']
  })
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

/** Result of a command: "not refused", or the code of its error. */
async function code (
  uri: string, database: string, command: (database: Db) => Promise<unknown>
): Promise<unknown> {
  const client = new MongoClient(uri)
  try {
    await command(client.db(database))
    return 'not refused'
  } catch (error) {
    return (error as { code?: unknown }).code ?? error
  } finally {
    await client.close()
  }
}

test('a member of start.sh is ready once initiated, and requires a password', async () => {
  const { port, ready } = await startMember()
  const primary = (credentials = '') => `mongodb://${credentials}127.0.0.1:${port}/?replicaSet=rs0`
  const asAdmin = async (uri: string, command: object) =>
    await code(uri, 'admin', async database => await database.command({ ...command }))
  const messages = async (command: (collection: Collection) => Promise<unknown>) =>
    await code(primary(), 'guestbook', async database =>
      await command(database.collection('messages')))
  const createUser = (user: string) => ({ createUser: user, pwd: 'secret', roles: ['root'] })
  const config = { _id: 'rs0', members: [{ _id: 0, host: `127.0.0.1:${port}` }] }
  expect(await ready()).toBe(1)

  const direct = `mongodb://127.0.0.1:${port}/?directConnection=true`
  expect(await asAdmin(direct, { replSetInitiate: config })).toBe('not refused')
  while ((await ready()) !== 0);
  expect(await asAdmin(primary(), createUser('root'))).toBe('not refused')

  expect(await asAdmin(primary('root:secret@'), { usersInfo: 1 })).toBe('not refused')
  expect(await asAdmin(primary(), { usersInfo: 1 })).toBe(NOT_AUTHORISED)
  expect(await asAdmin(primary(), createUser('another'))).toBe(NOT_AUTHORISED)
  expect(await messages(async collection => await collection.findOne())).toBe(NOT_AUTHORISED)
  expect(await messages(async collection => await collection.insertOne({}))).toBe(NOT_AUTHORISED)
  expect(await asAdmin(primary('root:wrong@'), { ping: 1 })).toBe(AUTHENTICATION_FAILED)
})
