import { once } from 'node:events'
import { connect, type AddressInfo, type Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import { describe, expect, test } from '@jest/globals'
import { build, cleanUp, type BuildOptions } from './helper.ts'

/** More than the socket buffers of both ends. */
const LARGE_BYTES = 64 * 1024 * 1024

/** A service that listens; `dial` opens a raw connection to it. */
async function listen (options: BuildOptions = {}) {
  const built = await build({
    ...options,
    routes: app => {
      app.get('/', async () => 'fine')
      app.post('/', async () => 'stored')
      app.get('/large', async () => Buffer.alloc(LARGE_BYTES))
    }
  })
  await built.app.listen({ host: '127.0.0.1', port: 0 })
  const { port } = built.app.server.address() as AddressInfo
  const dial = (): Socket => {
    const socket = connect(port, '127.0.0.1')
    socket.on('error', () => {}) // expected by these tests
    cleanUp(() => { socket.destroy() })
    return socket
  }
  /** All data until the connection is closed. */
  const say = async (bytes: string): Promise<string> => {
    const socket = dial()
    socket.write(bytes)
    return await text(socket)
  }
  return { ...built, dial, say }
}

const problem = (status: number, kind: string, title: string, detail: string) => [
  status,
  {
    type: `urn:guestbook:problem:${kind}`,
    title,
    status,
    detail,
    traceId: expect.stringMatching(/^[0-9a-f]{32}$/)
  }
]

/** Status and body of a response that closes the connection. */
function parse (answer: string): unknown[] {
  const [head = '', body = ''] = answer.split('\r\n\r\n')
  expect(head).toMatch(/\r\nContent-Type: application\/problem\+json\r\n/)
  expect(head).toMatch(/\r\nConnection: close$/)
  expect(head).toContain(`\r\nContent-Length: ${Buffer.byteLength(body)}\r\n`)
  return [Number(head.split(' ')[1]), JSON.parse(body)]
}

describe('a malformed HTTP request gets a problem, and the connection is closed:', () => {
  const malformed = problem(
    400,
    'bad-request',
    'Bad request',
    'The data received is not a valid HTTP/1.1 request.'
  )
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
    const { say, service } = await listen()
    const answer = parse(await say(bytes))
    expect(answer).toEqual(malformed)
    expect(service.lines.filter(({ msg }) => msg === 'malformed HTTP request')).toEqual([
      {
        level: 'info',
        time: expect.any(String),
        service: 'test-service',
        trace_id: (answer[1] as { traceId: string }).traceId,
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
    const { say } = await listen()
    expect(parse(await say(bytes))).toEqual(
      problem(
        431,
        'request-header-fields-too-large',
        'Request header fields too large',
        'The URL and headers of a request are limited to 16 KiB.'
      )
    )
  })

  test('an endless extension of a chunk', async () => {
    const { say } = await listen()
    const head = 'POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n'
    const answer = parse(await say(`${head}1;a=${'b'.repeat(20_000)}\r\n`))
    const detail = 'The extensions of a chunk are too long.'
    expect(answer).toEqual(problem(413, 'payload-too-large', 'Payload too large', detail))
  })
})

test('the server has these limits', async () => {
  const { app } = await listen()
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
    [
      'a body',
      'POST / HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{'
    ]
  ])('that does not finish %s gets 408 and is disconnected', async (_what, bytes) => {
    const { app, say } = await listen()
    app.server.headersTimeout = app.server.requestTimeout = 1
    expect(parse(await say(bytes))).toEqual(
      problem(
        408,
        'request-timeout',
        'Request timeout',
        'The request was not complete within 10 s.'
      )
    )
  })

  test('that does not read its response is disconnected after a timeout', async () => {
    const { app, dial, service } = await listen()
    app.server.timeout = 50
    const accepted = once(app.server, 'connection') as Promise<[Socket]>
    dial().pause().write('GET /large HTTP/1.1\r\nHost: x\r\n\r\n')
    const [socket] = await accepted
    await once(socket, 'close')
    const requests = service.lines.filter(({ msg }) => msg === 'request')
    expect(requests).toMatchObject([{ level: 'info', route: '/large', status_code: 499 }])
  })

  test('does not use a slot', async () => {
    const { app, dial } = await listen({
      env: { MAX_READS_IN_FLIGHT: '1', MAX_POSTS_IN_FLIGHT: '1' }
    })
    for (let i = 0; i < 3; i++) {
      dial().write(
        'POST / HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n' +
          'Content-Length: 100\r\n\r\n{'
      )
      await once(app.server, 'request')
      const idle = dial()
      idle.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
      await once(idle, 'data')
    }
    for (const method of ['GET', 'POST'] as const) {
      expect((await app.inject({ method, url: '/' })).statusCode).toBe(200)
    }
  })
})

describe('pipelined requests', () => {
  const request = 'GET / HTTP/1.1\r\nHost: x\r\n\r\n'
  const last = 'GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'
  const count = (answers: string) => answers.split('HTTP/1.1 200 OK').length - 1

  test('are served, up to ten at a time', async () => {
    const { dial, say } = await listen()
    expect(count(await say(request.repeat(10) + last))).toBe(11)

    const socket = dial()
    let received = ''
    socket.setEncoding('latin1').on('data', (chunk: unknown) => { received += chunk as string })
    for (const round of [1, 2, 3]) {
      socket.write(request.repeat(11))
      while (count(received) < 11 * round) await once(socket, 'data')
    }
  })

  test('beyond the limit close the connection, and the rest is not parsed', async () => {
    const { app, say } = await listen()
    let seen = 0
    app.server.on('request', () => { seen++ })
    expect(count(await say(request.repeat(2000) + last))).toBeLessThanOrEqual(11)
    expect(seen).toBe(12)
    expect((await app.inject('/')).statusCode).toBe(200)
  })
})

test('at the connection limit, idle connections are closed', async () => {
  const { dial, say } = await listen({ env: { MAX_CONNECTIONS: '3' } })
  const idle = [dial(), dial()]
  for (const socket of idle) {
    socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
    await once(socket, 'data')
  }
  const closed = Promise.all(idle.map(async socket => { await once(socket, 'close') }))
  expect(await say('GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')).toMatch(
    /^HTTP\/1\.1 200 OK/
  )
  await closed
})
