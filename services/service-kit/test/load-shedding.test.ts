import { afterEach, beforeEach, expect, jest, test } from '@jest/globals'
import { build } from './helper.ts'

// The event loop is measured once a second. Fake time lets a second pass without the loop turning, as if it were blocked.
beforeEach(() => { jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask', 'performance', 'hrtime', 'Date'] }) })
afterEach(() => { jest.useRealTimers() })

async function overloaded () {
  const built = await build({
    env: { MAX_EVENT_LOOP_DELAY_MS: '1000' },
    routes: app => {
      app.get('/', async () => 'fine')
      app.post('/', async () => 'stored')
    }
  })
  expect((await built.app.inject('/')).statusCode).toBe(200)
  jest.advanceTimersByTime(1000)
  jest.advanceTimersByTime(1000)
  return built
}

test('a process that cannot keep up turns new requests away with 503 and a time to come back', async () => {
  const { app, scrape } = await overloaded()
  for (const method of ['GET', 'POST'] as const) {
    const response = await app.inject({ method, url: '/' })
    expect([response.statusCode, response.headers['retry-after'], response.json()]).toEqual([503, '1', {
      type: 'urn:guestbook:problem:overloaded',
      title: 'Overloaded',
      status: 503,
      detail: 'The service is too busy just now. Try again in a moment.',
      traceId: expect.stringMatching(/^[0-9a-f]{32}$/)
    }])
  }
  expect(await scrape('http_requests_total{method="GET",route="/",status_code="503"}')).toBe(1)
})

test('meanwhile probes, metrics and the fault switch answer', async () => {
  const { app, management } = await overloaded()
  for (const url of ['/health', '/ready']) expect([url, (await app.inject(url)).statusCode]).toEqual([url, 200])
  for (const [url, status] of [['/health', 200], ['/ready', 200], ['/metrics', 200], ['/faults', 403]] as const) {
    expect([url, (await management.inject(url)).statusCode]).toEqual([url, status])
  }
})

test('once the event loop turns again, requests are taken again', async () => {
  const { app } = await overloaded()
  expect((await app.inject('/')).statusCode).toBe(503)
  const start = performance.now()
  while (performance.now() - start < 50) await new Promise(resolve => setImmediate(resolve)) // the measurement needs some turns
  jest.advanceTimersByTime(1000)
  expect((await app.inject('/')).statusCode).toBe(200)
})
