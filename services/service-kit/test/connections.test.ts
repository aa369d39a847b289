import { once } from 'node:events'
import type { Socket } from 'node:net'
import { describe, expect, test } from '@jest/globals'
import { problem } from '../testing/index.ts'
import { listen, type BuildOptions } from './helper.ts'

/** More than the socket buffers of both ends. */
const LARGE_BYTES = 64 * 1024 * 1024

const start = async (options: BuildOptions = {}) => await listen({
  ...options,
  routes: app => {
    app.get('/', async () => 'fine')
    app.post('/', async () => 'stored')
    app.get('/large', async () => Buffer.alloc(LARGE_BYTES))
  }
})

const GET = 'GET / HTTP/1.1\r\nHost: x\r\n\r\n'
const LAST_GET = 'GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'
const UNFINISHED_POST = 'POST / HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n' +
  'Content-Length: 100\r\n\r\n{'

/** The problem of a response that closes the connection. */
function parse (answer: string): { traceId: string } {
  const [head = '', body = ''] = answer.split('\r\n\r\n')
  expect(head).toMatch(/\r\nContent-Type: application\/problem\+json\r\n/)
  expect(head).toMatch(/\r\nConnection: close$/)
  expect(head).toContain(`\r\nContent-Length: ${Buffer.byteLength(body)}\r\n`)
  const document = JSON.parse(body)
  expect(head).toMatch(new RegExp(`^HTTP/1\\.1 ${document.status} `))
  return document
}

describe('a malformed HTTP request gets a problem, and the connection is closed:', () => {
  test.each([
    ['another protocol', 'SSH-2.0-OpenSSH_9.6\r\n'],
    ['an unknown method', 'BREW / HTTP/1.1\r\nHost: x\r\n\r\n'],
    ['two lengths', 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n'],
    ['a non-decimal length', 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0x1\r\n\r\n'],
    [
      'a length with chunks',
      'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n' +
        'Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n'
    ],
    ['a null byte in a header', 'GET / HTTP/1.1\r\nHost: x\r\nA: b\0c\r\n\r\n'],
    ['a null byte in the address', 'GET /\0 HTTP/1.1\r\nHost: x\r\n\r\n']
  ])('%s', async (_what, bytes) => {
    const { say, service } = await start()
    const answer = parse(await say(bytes))
    const detail = 'The data received is not a valid HTTP/1.1 request.'
    expect(answer).toEqual(problem(400, 'Bad request', detail))
    expect(service.lines.filter(({ msg }) => msg === 'malformed HTTP request')).toEqual([
      {
        level: 'info',
        time: expect.any(String),
        service: 'test-service',
        trace_id: answer.traceId,
        status_code: 400,
        code: expect.stringMatching(/^HPE_/),
        msg: 'malformed HTTP request'
      }
    ])
  })

  test.each([
    ['an endless address', `GET /${'x'.repeat(20_000)} HTTP/1.1\r\nHost: x\r\n\r\n`],
    ['endless headers', `GET / HTTP/1.1\r\nHost: x\r\nA: ${'b'.repeat(20_000)}\r\n\r\n`]
  ])('%s', async (_what, bytes) => {
    const { say } = await start()
    const detail = 'The URL and headers of a request are limited to 16 KiB.'
    expect(parse(await say(bytes))).toEqual(problem(431, 'Request header fields too large', detail))
  })

  test('an endless extension of a chunk', async () => {
    const { say } = await start()
    const head = 'POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n'
    const answer = parse(await say(`${head}1;a=${'b'.repeat(20_000)}\r\n`))
    const detail = 'The extensions of a chunk are too long.'
    expect(answer).toEqual(problem(413, 'Payload too large', detail))
  })
})

test('the server has these limits', async () => {
  const { app } = await start()
  expect(app.server).toMatchObject({
    headersTimeout: 10_000,
    requestTimeout: 10_000,
    connectionsCheckingInterval: 2000,
    keepAliveTimeout: 75_000,
    timeout: 75_000,
    maxHeaderSize: 16_384,
    maxConnections: 5000
  })
})

describe('a slow client', () => {
  test.each([
    ['a head', 'GET / HTTP/1.1\r\nHost: x\r\n'],
    ['a body', UNFINISHED_POST]
  ])('that does not finish %s gets 408 and is disconnected', async (_what, bytes) => {
    const { app, say } = await start()
    app.server.headersTimeout = app.server.requestTimeout = 1
    const detail = 'The request was not complete within 10 s.'
    expect(parse(await say(bytes))).toEqual(problem(408, 'Request timeout', detail))
  })

  test('that does not read its response is disconnected after a timeout', async () => {
    const { app, dial, service } = await start()
    app.server.timeout = 50
    const accepted = once(app.server, 'connection') as Promise<[Socket]>
    dial().pause().write('GET /large HTTP/1.1\r\nHost: x\r\n\r\n')
    const [socket] = await accepted
    await once(socket, 'close')
    const requests = service.lines.filter(({ msg }) => msg === 'request')
    expect(requests).toMatchObject([{ level: 'info', route: '/large', status_code: 499 }])
  })

  test('does not use a slot', async () => {
    const { app, dial } = await start({
      env: { MAX_READS_IN_FLIGHT: '1', MAX_POSTS_IN_FLIGHT: '1' }
    })
    for (let i = 0; i < 3; i++) {
      dial().write(UNFINISHED_POST)
      await once(app.server, 'request')
      const idle = dial()
      idle.write(GET)
      await once(idle, 'data')
    }
    for (const method of ['GET', 'POST'] as const) {
      expect((await app.inject({ method, url: '/' })).statusCode).toBe(200)
    }
  })
})

describe('pipelined requests', () => {
  const count = (answers: string) => answers.split('HTTP/1.1 200 OK').length - 1

  test('are served, up to ten at a time', async () => {
    const { dial, say } = await start()
    expect(count(await say(GET.repeat(10) + LAST_GET))).toBe(11)

    const socket = dial()
    let received = ''
    socket.setEncoding('latin1').on('data', (chunk: unknown) => { received += chunk as string })
    for (const round of [1, 2, 3]) {
      socket.write(GET.repeat(11))
      while (count(received) < 11 * round) await once(socket, 'data')
    }
  })

  test('beyond the limit close the connection, and the rest is not parsed', async () => {
    const { app, say } = await start()
    let seen = 0
    app.server.on('request', () => { seen++ })
    expect(count(await say(GET.repeat(2000) + LAST_GET))).toBeLessThanOrEqual(11)
    expect(seen).toBe(12)
    expect((await app.inject('/')).statusCode).toBe(200)
  })
})

test('at the connection limit, idle connections are closed', async () => {
  const { dial, say } = await start({ env: { MAX_CONNECTIONS: '3' } })
  const idle = [dial(), dial()]
  for (const socket of idle) {
    socket.write(GET)
    await once(socket, 'data')
  }
  const closed = Promise.all(idle.map(async socket => { await once(socket, 'close') }))
  expect(await say(LAST_GET)).toMatch(/^HTTP\/1\.1 200 OK/)
  await closed
})
