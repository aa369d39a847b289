import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { expect, test } from '@jest/globals'
import { cleanUp } from '@guestbook/service-kit/testing'

interface Received { method: string, cookie: string | undefined, fields: Record<string, string> }

/** Stands for the guestbook: gives every new visitor a cookie, and answers as `answer` says. */
async function startServer (answer: (request: Received, count: number) => number | undefined) {
  const received: Received[] = []
  const handle = async (request: IncomingMessage, response: ServerResponse) => {
    const { method = '', headers: { cookie } } = request
    const entry = {
      method,
      cookie,
      fields: Object.fromEntries(new URLSearchParams(await text(request)))
    }
    received.push(entry)
    const status = answer(entry, received.length)
    if (status === undefined) return // never
    if (cookie === undefined) {
      response.setHeader('set-cookie', `visitor=${received.length}; Path=/; HttpOnly`)
    }
    response.writeHead(status).end()
  }
  const server = createServer((request, response) => { void handle(request, response) })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  cleanUp(() => {
    server.closeAllConnections()
    server.close()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, received, server }
}

function startTraffic (...args: string[]) {
  const child = spawn(
    process.execPath,
    [fileURLToPath(new URL('run.ts', import.meta.url)), ...args],
    { stdio: ['ignore', 'pipe', 'pipe'] }
  )
  cleanUp(() => child.kill('SIGKILL'))
  const ended = Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
    .then(([stdout, stderr, [status]]) => ({ stdout, stderr, status: status as number }))
  return { child, ended }
}

test('every visitor keeps its cookie and posts its form', async () => {
  const { url, received } = await startServer(({ method }, count) =>
    count === 30 ? 500 : count === 35 ? 429 : method === 'POST' ? 303 : 200
  )
  const options = '--rate 20 --duration 2 --posts 0.5 --json'.split(' ')
  const { stdout, stderr, status } = await startTraffic('--url', url, ...options).ended

  expect([status, stderr]).toEqual([0, ''])
  const { reads, posts, seconds, ...counts } = JSON.parse(stdout)
  expect(counts).toEqual({
    url,
    sent: 40,
    ok: 38,
    limited: 1,
    failed: 1,
    failures: { 'HTTP 500': 1 }
  })
  expect(seconds).toBeGreaterThanOrEqual(1.9)
  expect(reads.p50).toBeLessThanOrEqual(reads.p99)

  const posted = received.filter(({ method }) => method === 'POST')
  expect([reads.answered, posts.answered]).toEqual([40 - posted.length, posted.length])
  expect(posted.length).toBeGreaterThan(10)
  expect(new Set(posted.map(({ fields }) => fields.message)).size).toBe(posted.length)
  for (const { fields } of posted) {
    expect(fields).toEqual({ name: 'Traffic', message: expect.stringMatching(/./), website: '' })
  }
  // Each client without a cookie gets one, and posts with it.
  const given = received.flatMap(({ cookie }, index) =>
    cookie === undefined ? [`visitor=${index + 1}`] : []
  )
  expect(given.length).toBeGreaterThanOrEqual(20)
  expect(given).toEqual(expect.arrayContaining(posted.map(({ cookie }) => cookie)))
  expect(new Set(posted.map(({ cookie }) => cookie)).size).toBeGreaterThan(10)
})

test('slow answers do not reduce the rate, and missing answers count as timeouts', async () => {
  const { url } = await startServer((_request, count) => (count % 2 === 0 ? undefined : 200))
  const options = '--rate 50 --duration 1 --timeout 0.5 --posts 0'.split(' ')
  const { stdout, status } = await startTraffic('--url', url, ...options).ended
  expect(status).toBe(0)
  expect(stdout).toMatch(
    new RegExp(
      '^1\\.\\d s: sent 50, ok 25, limited 0, failed 25 \\(timeout: 25\\)\n' +
        'reads: 25 answered, p50 [\\d.]+ ms, p95 [\\d.]+ ms, p99 [\\d.]+ ms\n$'
    )
  )
})

test('an interruption ends it early with the summary', async () => {
  const { url, server } = await startServer(() => 200)
  const { child, ended } = startTraffic('--url', url, '--duration', '600')
  for (let request = 0; request < 3; request++) await once(server, 'request')
  child.kill('SIGINT')
  const { stdout, status } = await ended
  expect([stdout, status]).toEqual([expect.stringMatching(/^[\d.]+ s: sent \d+, ok \d+, /), 0])
})

test('when nothing succeeds it ends with status 1 and says why', async () => {
  const { url, server } = await startServer(() => 200)
  server.close()
  const { stdout, status } = await startTraffic('--url', url, '--rate', '10', '--duration', '0.5')
    .ended
  expect([stdout, status]).toEqual([
    expect.stringMatching(/sent 5, ok 0, limited 0, failed 5 \(ECONNREFUSED: 5\)\n$/),
    1
  ])
})

test('a wrong option ends it with status 2 and its usage, --help with status 0', async () => {
  expect(await startTraffic('--speed', '3').ended).toEqual({
    status: 2,
    stdout: '',
    stderr: expect.stringMatching(/--speed.*\nUsage: .*\n$/s)
  })
  expect(await startTraffic('--help').ended).toEqual({
    status: 0,
    stdout: expect.stringContaining('RATE_LIMIT_POSTS'),
    stderr: ''
  })
})
