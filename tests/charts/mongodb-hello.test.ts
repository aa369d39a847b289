import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { expect, test } from '@jest/globals'
import { BSON, type Document } from 'mongodb'
import { freePort } from '../../system-tests/lib/free-port.ts'
import { cleanUp } from '@guestbook/service-kit/testing'
import { Sandbox } from './sandbox.ts'

/** A fake mongod that answers the first message and records it. */
async function startServer (answer: Document): Promise<{ port: number, asked: () => Buffer }> {
  let asked = Buffer.alloc(0)
  const server = createServer(socket => {
    socket.on('data', chunk => {
      asked = Buffer.concat([asked, chunk])
      if (asked.length < asked.readInt32LE(0)) return
      const body = BSON.serialize(answer)
      const header = Buffer.alloc(21)
      ;[21 + body.length, 7, 1, 2013, 0].forEach((field, n) => header.writeInt32LE(field, 4 * n))
      socket.write(Buffer.concat([header, body])) // stays open, as mongod's does
    }).on('error', () => {})
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  cleanUp(() => { server.close() })
  return { port: (server.address() as AddressInfo).port, asked: () => asked }
}

async function hello (what: string, port: number) {
  return await new Sandbox().run(
    'hello.sh',
    {},
    [what],
    text => text.replace('/dev/tcp/127.0.0.1/27017', `/dev/tcp/127.0.0.1/${port}`)
  )
}

const NOT_READY = { status: 1, stdout: 'neither primary nor secondary\n', stderr: '' }
const YES = { status: 0, stdout: '', stderr: '' }

test.each([
  [{ isWritablePrimary: true, secondary: false, hosts: ['a'.repeat(500)] }, YES],
  [{ isWritablePrimary: false, secondary: true }, YES],
  [{ isWritablePrimary: false, secondary: false, info: 'initial sync' }, NOT_READY],
  [{ setName: 'secondary', ok: 1 }, NOT_READY]
])('a member that answers %j is alive; ready: %j', async (answer, ready) => {
  const { port } = await startServer(answer)
  expect(await hello('alive', port)).toEqual(YES)
  expect(await hello('ready', port)).toEqual(ready)
})

test('the probe sends hello in one message of the wire protocol', async () => {
  const { port, asked } = await startServer({ ok: 1 })
  await hello('alive', port)
  const message = asked()
  const [length, request, response, opcode, flags] = [0, 4, 8, 12, 16].map(
    offset => message.readInt32LE(offset)
  )

  expect({ length, request, response, opcode, flags, kind: message[20] }).toEqual({
    length: 52, request: 1, response: 0, opcode: 2013, flags: 0, kind: 0
  })
  expect(message).toHaveLength(52)
  expect(BSON.deserialize(message.subarray(21))).toEqual({ hello: 1, $db: 'admin' })
})

test.each([
  'alive', 'ready'
])('a member that closes the connection without an answer is not %s', async what => {
  const server = createServer(socket => socket.on('error', () => {}).end()).listen(0, '127.0.0.1')
  await once(server, 'listening')
  cleanUp(() => { server.close() })
  const { status, stdout } = await hello(what, (server.address() as AddressInfo).port)
  expect({ status, stdout }).toEqual({ status: 1, stdout: 'no answer\n' })
})

test.each(['alive', 'ready'])('an unreachable member is not %s', async what => {
  expect((await hello(what, await freePort())).status).not.toBe(0)
})
