import { once } from 'node:events'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { describe, expect, test } from '@jest/globals'
import { cleanUp } from '@guestbook/service-kit/testing'
import { Connection } from './connection.ts'
import { parseOptions } from './options.ts'
import { judge, type Observed } from './verdict.ts'

/** A server that calls `serve` for each connection. */
async function listen (serve: (socket: Socket) => void) {
  const open = new Set<Socket>()
  const server = createServer(socket => {
    open.add(socket)
    socket.on('error', () => {})
    serve(socket)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const close = () => { server.close(); for (const socket of open) socket.destroy() }
  cleanUp(close)
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close }
}

describe('the outcome of a connection is', () => {
  const polite = 'HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\n\r\n'
  test.each<[string, (socket: Socket) => void, object]>([
    [
      'the status of an answer in pieces',
      socket => {
        socket.write('HTTP/1.1 20')
        setImmediate(() => socket.write('0 OK\r\n\r\nHello'))
      },
      { outcome: 200, isPolite: true }
    ],
    [
      'polite when 503 has Retry-After',
      socket => { socket.write(polite) },
      { outcome: 503, isPolite: true }
    ],
    [
      'not polite when 503 has none',
      socket => { socket.write('HTTP/1.1 503 Service Unavailable\r\n\r\n') },
      { outcome: 503, isPolite: false }
    ],
    [
      'not polite after an error that follows an answer',
      socket => {
        socket.write('HTTP/1.1 200 OK\r\n\r\nHTTP/1.1 500 Oh\r\nRetry-After: 1\r\n\r\n')
      },
      { outcome: 200, isPolite: false }
    ],
    ['cut off', socket => { socket.destroy() }, { outcome: 'cut off', isPolite: true }],
    ['left open', () => {}, { outcome: 'left open', isPolite: true }]
  ])('%s', async (_how, serve, expected) => {
    expect(await new Connection((await listen(serve)).url).end(500)).toEqual(expected)
  })

  test('no connection where the server refuses it', async () => {
    const { url, close } = await listen(() => {})
    close()
    expect(await new Connection(url).end(5000)).toMatchObject({ outcome: 'no connection' })
  })

  test('left open after an answer that should have closed it', async () => {
    const { url } = await listen(socket => { socket.write(polite) })
    const ended = await new Connection(url).end(500, { untilClosed: true })
    expect(ended).toEqual({ outcome: 'left open', isPolite: true })
  })
})

describe('the verdict', () => {
  const served = { ms: 10, isShed: false, problem: undefined }
  const shed = { ms: 1, isShed: true, problem: undefined }
  const observed = (over: Partial<Observed> = {}): Observed => ({
    ended: [{ outcome: 200, isPolite: true }, { outcome: 503, isPolite: true }],
    canary: [served, { ...served, ms: 30 }],
    before: { mib: 100, files: 30 },
    after: { mib: 110, files: 40 },
    peakMib: 120,
    recoveredMs: 100,
    ...over
  })
  const entry = { allowed: [200, 503], sheds: true }

  test('has no problems when every check passes', () => {
    expect(judge(entry, true, observed(), 10)).toEqual({
      problems: [],
      outcomes: { 200: 1, 503: 1 },
      canary: { requests: 2, shed: 0, p50Ms: 10, p99Ms: 30, slower: 3 }
    })
    expect(judge(entry, false, observed({ canary: [served, shed] }), 10)).toMatchObject({
      problems: [],
      canary: { shed: 1, p99Ms: 10 }
    })
  })

  test.each<[string, Partial<Observed>, ...object[]]>([
    [
      'connections ended with 500, left open',
      {
        ended: [
          { outcome: 500, isPolite: true },
          { outcome: 'left open', isPolite: true },
          { outcome: 503, isPolite: true }
        ]
      }
    ],
    ['an answer was a 5xx without Retry-After', { ended: [{ outcome: 503, isPolite: false }] }],
    ['no request was shed', { ended: [{ outcome: 200, isPolite: true }] }],
    [
      '2 requests of the canary client failed: HTTP 500, ECONNRESET',
      {
        canary: [served, { ...served, problem: 'HTTP 500' }, { ...served, problem: 'ECONNRESET' }]
      }
    ],
    ['1 requests of the canary client were shed', { canary: [served, shed] }, { sheds: false }],
    ['the canary client waited 30 ms (p99), more than 20 ms', {}, { maxMs: 20 }],
    ['the canary client was not served', { canary: [shed] }],
    ['it did not recover', { recoveredMs: undefined }],
    ['its memory reached 193 MiB, more than a pod has', { peakMib: 193 }],
    ['it had 30 files open and has 231', { after: { mib: 100, files: 231 } }]
  ])('%s', (problem, over, ...more) => {
    expect(judge(Object.assign({}, entry, ...more), true, observed(over), 10).problems).toEqual([
      problem
    ])
  })
})

test('without options all cases run, and every option is read', () => {
  expect(parseOptions([])).toMatchObject({ size: 500, reports: 'reports/abuse', help: false })
  expect(parseOptions([]).cases.length).toBeGreaterThan(10)
  expect(
    parseOptions(['--size', '10', '--only', 'posts,headers', '--reports', 'x', '-h'])
  ).toMatchObject({
    size: 10,
    cases: [{ id: 'headers' }, { id: 'posts' }],
    reports: 'x',
    help: true
  })
})

test.each([
  [['--size', '9'], '--size'],
  [['--size='], '--size'],
  [['--size', '10.5'], '--size'],
  [['--only', 'headers,footers'], 'footers'],
  [['--reports='], '--reports'],
  [['--hours', '1'], '--hours']
])('%j is rejected with a message that names it', (args, name) => {
  expect(() => parseOptions(args)).toThrow(name)
})
