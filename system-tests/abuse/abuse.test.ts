import { once } from 'node:events'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { afterEach, describe, expect, test } from '@jest/globals'
import { Connection } from './connection.ts'
import { parseOptions } from './options.ts'
import { judge, percentile, type Observed } from './verdict.ts'

const cleanups: Array<() => void> = []
afterEach(() => { for (const cleanup of cleanups.splice(0)) cleanup() })

/** A server that does as it is told with each connection. */
async function listen (serve: (socket: Socket) => void): Promise<string> {
  const open = new Set<Socket>()
  const server = createServer(socket => {
    open.add(socket)
    socket.on('error', () => {})
    serve(socket)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  cleanups.push(() => { server.close(); for (const socket of open) socket.destroy() })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

describe('a connection tells how it ended:', () => {
  const polite = 'HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\n\r\n'
  test.each<[string, (socket: Socket) => void, object]>([
    [
      'with an answer in pieces',
      socket => {
        socket.write('HTTP/1.1 20')
        setImmediate(() => socket.write('0 OK\r\n\r\nHello'))
      },
      { outcome: 200, isPolite: true }
    ],
    [
      'turned away with a time to come back',
      socket => {
        socket.write(polite)
      },
      { outcome: 503, isPolite: true }
    ],
    [
      'turned away without one',
      socket => {
        socket.write('HTTP/1.1 503 Service Unavailable\r\n\r\n')
      },
      { outcome: 503, isPolite: false }
    ],
    [
      'with an error behind an answer',
      socket => {
        socket.write('HTTP/1.1 200 OK\r\n\r\nHTTP/1.1 500 Oh\r\nRetry-After: 1\r\n\r\n')
      },
      { outcome: 200, isPolite: false }
    ],
    [
      'cut off',
      socket => {
        socket.destroy()
      },
      { outcome: 'cut off', isPolite: true }
    ],
    ['left open', () => {}, { outcome: 'left open', isPolite: true }]
  ])('%s', async (_how, serve, expected) => {
    expect(await new Connection(await listen(serve)).end(500)).toEqual(expected)
  })

  test('refused', async () => {
    const url = await listen(() => {})
    cleanups.pop()!()
    expect(await new Connection(url).end(5000)).toMatchObject({ outcome: 'no connection' })
  })

  test('answered, but still open where it should have been closed', async () => {
    expect(
      await new Connection(
        await listen(socket => {
          socket.write(polite)
        })
      ).end(500, { untilClosed: true })
    ).toEqual({ outcome: 'left open', isPolite: true })
  })
})

describe('the verdict', () => {
  const served = { ms: 10, isTurnedAway: false, problem: undefined }
  const turnedAway = { ms: 1, isTurnedAway: true, problem: undefined }
  const observed = (over: Partial<Observed> = {}): Observed => ({
    ended: [{ outcome: 200, isPolite: true }, { outcome: 503, isPolite: true }],
    witness: [served, { ...served, ms: 30 }],
    before: { mib: 100, files: 30 },
    after: { mib: 110, files: 40 },
    peakMib: 120,
    recoveredMs: 100,
    ...over
  })
  const entry = { allowed: [200, 503], sheds: true }

  test('has no problems when all is as promised', () => {
    expect(judge(entry, true, observed(), 10)).toEqual({
      problems: [],
      outcomes: { 200: 1, 503: 1 },
      witness: { requests: 2, turnedAway: 0, p50Ms: 10, p99Ms: 30, slower: 3 }
    })
    expect(judge(entry, false, observed({ witness: [served, turnedAway] }), 10)).toMatchObject({
      problems: [],
      witness: { turnedAway: 1, p99Ms: 10 }
    })
  })

  test.each<[string, Partial<Observed>, ...object[]]>([
    [
      'it ended with 500, left open',
      {
        ended: [
          { outcome: 500, isPolite: true },
          { outcome: 'left open', isPolite: true },
          { outcome: 503, isPolite: true }
        ]
      }
    ],
    ['an answer was a 5xx without Retry-After', { ended: [{ outcome: 503, isPolite: false }] }],
    ['nobody was turned away', { ended: [{ outcome: 200, isPolite: true }] }],
    [
      '2 requests of the witness went wrong: HTTP 500, ECONNRESET',
      {
        witness: [
          served,
          { ...served, problem: 'HTTP 500' },
          { ...served, problem: 'ECONNRESET' }
        ]
      }
    ],
    ['the witness was turned away 1 times', { witness: [served, turnedAway] }, { sheds: false }],
    ['the witness waited 30 ms (p99), more than 20 ms', {}, { mostMs: 20 }],
    ['the witness was not served', { witness: [turnedAway] }],
    ['it did not recover', { recoveredMs: undefined }],
    ['it held 193 MiB, more than a pod has', { peakMib: 193 }],
    ['it had 30 files open and has 231', { after: { mib: 100, files: 231 } }]
  ])('%s', (problem, over, ...more) => {
    expect(judge(Object.assign({}, entry, ...more), true, observed(over), 10).problems).toEqual([
      problem
    ])
  })

  test('a percentile is a value that was measured, of nothing there is none', () => {
    expect([percentile([3, 1, 2], 0.5), percentile([1], 0.99), percentile([], 0.5)]).toEqual([
      2,
      1,
      NaN
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
])('%j is refused with a message that names it', (args, name) => {
  expect(() => parseOptions(args)).toThrow(name)
})
