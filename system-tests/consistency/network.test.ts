import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { expect, test } from '@jest/globals'
import { cleanUp } from '@guestbook/service-kit/testing'
import { until } from '../lib/until.ts'
import type { Link } from './link.ts'
import { Network } from './network.ts'

/** A server behind a proxy, and this process as its client, named `c`. */
async function start (pid: number | undefined = process.pid) {
  const network = new Network()
  const received: string[] = []
  const sockets: Socket[] = []
  const server = createServer(socket => {
    sockets.push(socket)
    socket.on('error', () => {})
    socket.setEncoding('utf8').on('data', (text: string) => { received.push(text) })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  network.addProcess('c', () => pid)
  const port = await network.addProxy('s', (server.address() as AddressInfo).port)
  cleanUp(() => {
    network.close()
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  const open = () => {
    const client = connect(port, '127.0.0.1')
    client.on('error', () => {}) // 'close' follows
    cleanUp(() => { client.destroy() })
    return client
  }
  return {
    network,
    link: network.link('c', 's'),
    received: () => received.join(''),
    sockets,
    open,
    /** A connection that has reached the server. */
    openThrough: async () => {
      const count = sockets.length
      const client = open()
      const socket = await until('the server has the connection', () => sockets[count])
      return { client, socket }
    }
  }
}

const closed = async (socket: Socket) => {
  await new Promise(resolve => { socket.once('close', resolve) })
}

test('bytes pass both ways, in order', async () => {
  const { openThrough, received } = await start()
  const { client, socket } = await openThrough()
  for (const text of ['a', 'b', 'c']) client.write(text)
  await until('all arrives', () => received() === 'abc')
  const answer = once(client, 'data')
  socket.write('answer')
  expect(String(await answer)).toBe('answer')
})

test.each([
  ['a hold', (link: Link) => { link.hold('requests') }],
  ['a delay that is longer than the test', (link: Link) => { link.delay('requests', 60_000) }]
])(
  '%s keeps requests back and the connection open; responses pass, and the bytes follow',
  async (_what, breakLink) => {
    const { openThrough, received, link } = await start()
    const { client, socket } = await openThrough()
    breakLink(link)
    client.write('held')
    await until('the bytes are held', () => link.pendingBytes === 4)
    const answer = once(client, 'data')
    socket.write('answer')
    expect(String(await answer)).toBe('answer')
    expect(received()).toBe('')
    link.open()
    await until('the bytes arrive', () => received() === 'held')
  }
)

test('a hold of responses lets requests pass', async () => {
  const { openThrough, received, link } = await start()
  const { client, socket } = await openThrough()
  link.hold('responses')
  client.write('question')
  await until('the question arrives', () => received() === 'question')
  socket.write('answer')
  await until('the answer is held', () => link.pendingBytes === 6)
  const answer = once(client, 'data')
  link.open()
  expect(String(await answer)).toBe('answer')
})

test('a delay lets bytes arrive later', async () => {
  const { openThrough, received, link } = await start()
  const { client } = await openThrough()
  link.delay('requests', 200)
  const began = performance.now()
  client.write('late')
  await until('the bytes arrive', () => received() === 'late')
  expect(performance.now() - began).toBeGreaterThan(199)
})

test('what was held arrives although its client is gone', async () => {
  const { openThrough, received, link } = await start()
  const { client } = await openThrough()
  link.hold('requests')
  client.end('last words')
  await until('the bytes are held', () => link.pendingBytes > 0)
  client.destroy()
  link.open()
  await until('the bytes arrive', () => received() === 'last words')
})

test('rejecting resets open connections and new ones, until the link is open again', async () => {
  const { openThrough, open, link } = await start()
  const { client } = await openThrough()
  link.reject()
  await closed(client)
  await closed(open())
  link.open()
  await openThrough()
})

test('a cut resets open connections and accepts new ones', async () => {
  const { openThrough, link } = await start()
  const { client } = await openThrough()
  link.cut()
  await closed(client)
  await openThrough()
})

test('a link is that of one process alone', async () => {
  const { network, openThrough, received } = await start()
  network.link('other', 's').reject()
  const { client } = await openThrough()
  client.write('through')
  await until('the bytes arrive', () => received() === 'through')
})

test('a connection of an unregistered process is reset', async () => {
  const { open } = await start(0)
  await closed(open())
})
