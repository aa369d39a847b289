import { once } from 'node:events'
import type { Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { cleanUp, listen } from './helper.ts'

const MIB = 1024 * 1024
/** One byte over the limit. */
const TOO_LONG = 64 * 1024 + 1

/** A service that echoes texts. /limited accepts one post a minute. */
async function start (env: Record<string, string> = {}) {
  const built = await listen({
    env: { RATE_LIMIT_POSTS: '1', ...env },
    routes: app => {
      app.get('/', async () => 'page')
      app.post('/', async ({ body }) => body)
      app.post('/limited', { config: { rateLimit: {} } }, async () => 'stored')
    }
  })
  /** @param from last part of the client's loopback address */
  const dial = (from = 1) =>
    new Client(built.dial({ localAddress: `127.0.0.${from}`, allowHalfOpen: true }))
  const shed = async (reason: string) =>
    await built.scrape(`guestbook_requests_shed_total{reason="${reason}"}`)
  return { ...built, dial, shed }
}

class Client {
  readonly socket: Socket
  /** All data until the connection is closed. */
  readonly answer: Promise<string>
  constructor (socket: Socket) {
    this.socket = socket
    this.answer = text(socket).catch(() => 'reset')
  }

  send (...bytes: string[]): this {
    for (const piece of bytes) this.socket.write(piece, 'latin1')
    return this
  }

  get status (): Promise<number> {
    return this.answer.then(answer => Number(answer.split(' ')[1]))
  }

  async next (): Promise<string> {
    return ((await once(this.socket, 'data'))[0] as Buffer).toString('latin1')
  }
}

const post = (headers: string, path = '/') =>
  `POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\n${headers}\r\n\r\n`
const withLength = (length: number, path?: string) => post(`Content-Length: ${length}`, path)
const chunked = (path?: string) => post('Transfer-Encoding: chunked', path)
const chunk = (bytes: string) => `${bytes.length.toString(16)}\r\n${bytes}\r\n`
const END = '0\r\n\r\n'
const CLOSE = /\r\nconnection: close\r\n/i

/** Waits until as many requests have started. */
async function begun (server: NodeJS.EventEmitter, count: number): Promise<void> {
  for (let seen = 0; seen < count; seen++) await once(server, 'request')
}

/** Waits until the server has closed the next connection. */
async function closing (server: NodeJS.EventEmitter): Promise<void> {
  const [socket] = await once(server, 'connection') as [Socket]
  await once(socket, 'close')
}

test('a body is complete for any sequence of chunks', async () => {
  const { dial, service } = await start()
  const pieces = fc.array(
    fc.string({
      unit: fc.integer({ min: 1, max: 255 }).map(code => String.fromCharCode(code)),
      maxLength: 3000
    }),
    { maxLength: 20 }
  )
  await fc.assert(fc.asyncProperty(pieces, fc.boolean(), async (pieces, isChunked) => {
    const whole = pieces.join('')
    const close = '\r\nConnection: close'
    const bytes = isChunked
      ? [post(`Transfer-Encoding: chunked${close}`), ...pieces.filter(Boolean).map(chunk), END]
      : [post(`Content-Length: ${whole.length}${close}`), ...pieces]
    const client = dial().send(...bytes)
    const [, body] = (await client.answer).split(/\r\n\r\n([^]*)/)
    expect([await client.status, body]).toEqual([200, Buffer.from(whole, 'latin1').toString()])
  }), { numRuns: 50 })
  expect(service.lines.filter(({ level }) => level === 'error')).toEqual([])
})

describe('unfinished bodies:', () => {
  test('a client at its limit loses its oldest, others are served', async () => {
    const { app, dial, shed } = await start({ MAX_BODY_BYTES_PER_CLIENT: '131072' })
    const clients: Client[] = []
    for (let i = 0; i < 6; i++) {
      const head = i % 2 ? chunked() : withLength(65_000)
      const part = 'x'.repeat(60_000)
      clients.push(dial().send(head + (i % 2 ? chunk(part) : part)))
      await begun(app.server, 1)
    }
    for (const evicted of clients.slice(0, 4)) {
      const answer = await evicted.answer
      expect(answer).toMatch(/^HTTP\/1\.1 429 [^]*\r\nretry-after: 1\r\n/)
      expect(answer).toMatch(CLOSE)
      expect(answer).toContain('Your unfinished requests hold too much of the service\'s memory.')
    }
    expect([await shed('client_body_bytes'), await shed('body_bytes')]).toEqual([4, 0])
    const other = dial(2).send(post('Content-Length: 5\r\nConnection: close') + 'hello')
    expect(await other.status).toBe(200)
    expect(await clients[5]!.send(chunk('yyy') + END).next()).toMatch(/^HTTP\/1\.1 200 OK/)
  })

  test('many clients at the total limit lose theirs, the smallest is served', async () => {
    const { app, dial, shed } = await start({ MAX_BODY_BYTES_BUFFERED: `${MIB / 4}` })
    const visitor = dial(200).send(withLength(10) + 'hello')
    await begun(app.server, 1)
    const attackers: Client[] = []
    for (let i = 1; i <= 50; i++) {
      attackers.push(dial(i).send(withLength(65_000) + 'x'.repeat(62_000)))
      await begun(app.server, 1)
    }
    const evicted = attackers.slice(0, 46)
    for (const { answer } of evicted) {
      expect(await answer).toMatch(/^HTTP\/1\.1 503 [^]*\r\nretry-after: 1\r\n/)
    }
    expect(await shed('body_bytes')).toBe(46)
    expect(await visitor.send('world').next()).toMatch(/^HTTP\/1\.1 200 OK[^]*helloworld$/)
    // Eviction and disconnects have freed the memory.
    for (const { socket } of attackers) socket.destroy()
    for (let i = 1; i <= 4; i++) {
      const client = dial(i).send(withLength(65_000) + 'x'.repeat(65_000))
      expect(await client.next()).toMatch(/^HTTP\/1\.1 200 OK/)
    }
    expect(await shed('body_bytes')).toBe(46)
  })
})

test('a body may have a thousand chunks', async () => {
  const { dial } = await start()
  const client = dial().send(post('Transfer-Encoding: chunked\r\nConnection: close'))
  client.send(chunk('x').repeat(1000) + END)
  expect(await client.answer).toMatch(/^HTTP\/1\.1 200 OK[^]*\r\n\r\nx{1000}$/)
})

test('a body with one chunk more is rejected', async () => {
  const { dial, app } = await start()
  const client = dial().send(chunked() + chunk('x').repeat(1001))
  const answer = await client.answer
  expect(answer).toMatch(/^HTTP\/1\.1 413 /)
  expect(answer).toContain('The body arrived in more than 1000 chunks. Send larger chunks.')
  expect((await app.inject('/')).statusCode).toBe(200)
})

test('a body of a GET request is discarded', async () => {
  const { dial, shed } = await start({ MAX_BODY_BYTES_PER_CLIENT: '65536' })
  const get = `GET / HTTP/1.1\r\nHost: x\r\nContent-Length: ${MIB}\r\n\r\n${'x'.repeat(100_000)}`
  const answers = await Promise.all([1, 2, 3].map(async () => await dial().send(get).answer))
  for (const answer of answers) expect(answer).toMatch(/^HTTP\/1\.1 200 OK[^]*page$/)
  expect(await shed('client_body_bytes')).toBe(0)
})

describe('a response that does not need the body', () => {
  const REJECTED: Array<[string, number, string]> = [
    ['a client over its rate limit', 429, withLength(60_000, '/limited')],
    ['the same in chunks', 429, chunked('/limited')],
    ['a length that is too long', 413, withLength(TOO_LONG)],
    ['an unsupported media type', 415, withLength(60_000).replace('text/plain', 'image/png')],
    ['an unknown path', 404, withLength(60_000, '/nowhere').replace('text/plain', 'image/png')]
  ]

  test.each(REJECTED)('is sent before it arrives: %s', async (_what, status, head) => {
    const { app, dial } = await start()
    await app.inject({ method: 'POST', url: '/limited', remoteAddress: '127.0.0.1' })
    const client = dial().send(head)
    expect(await client.status).toBe(status)
    expect(await client.answer).toMatch(CLOSE)
  })

  test.each(REJECTED)('reaches a client that sends all first: %s', async (_what, status, head) => {
    const { app, dial } = await start()
    await app.inject({ method: 'POST', url: '/limited', remoteAddress: '127.0.0.1' })
    const client = dial()
    client.socket.pause()
    const body = head.includes('chunked')
      ? chunk('x'.repeat(900_000))
      : 'x'.repeat(head.includes(`${TOO_LONG}`) ? TOO_LONG : 60_000)
    await new Promise(resolve => client.socket.write(head + body, resolve))
    client.socket.resume()
    expect(await client.next()).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `))
  })

  test('keeps the connection if the body has arrived', async () => {
    const { dial } = await start()
    const client = dial()
    for (let i = 0; i < 3; i++) {
      const answer = await client.send(withLength(5, '/limited') + 'hello').next()
      expect(answer).toMatch(i ? /^HTTP\/1\.1 429 / : /^HTTP\/1\.1 200 /)
      expect(answer).toMatch(/\r\nconnection: keep-alive\r\n/i)
    }
  })

  test.each([
    ['sends without an end', chunk('x'.repeat(60_000))],
    ['sends tiny chunks without an end', chunk('x').repeat(100)],
    ['falls silent', '']
  ])('closes the connection of a client that %s', async (_what, bytes) => {
    const { app, dial } = await start()
    const closed = closing(app.server)
    const client = dial().send(chunked('/nowhere').replace('text/plain', 'image/png') + chunk('x'))
    const timer = setInterval(() => { client.send(bytes) }, 1)
    cleanUp(() => { clearInterval(timer) })
    await closed
    expect(await client.status).toBe(404)
  })

  test('is the last one: further requests on the connection are ignored', async () => {
    const { app, dial } = await start()
    let requests = 0
    app.server.on('request', () => { requests++ })
    const closed = closing(app.server)
    const client = dial().send(withLength(TOO_LONG))
    await client.next()
    client.send('x'.repeat(TOO_LONG) + (withLength(5) + 'hello').repeat(3))
    await closed
    expect(requests).toBe(1)
  })
})
