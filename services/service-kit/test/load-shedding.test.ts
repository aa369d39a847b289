import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals'
import type { App } from '../src/index.ts'
import { EVENT_LOOP, problem } from '../testing/index.ts'
import { build, cleanUp } from './helper.ts'

/** Expects that reads and posts are shed. */
async function expectShed (app: App): Promise<void> {
  const overloaded = problem(503, 'Overloaded', 'The service is overloaded. Try again in a moment.')
  for (const method of ['GET', 'POST'] as const) {
    const response = await app.inject({ method, url: '/' })
    expect([response.statusCode, response.headers['retry-after'], response.json()])
      .toEqual([503, '1', overloaded])
  }
}

// The event-loop delay is sampled every second. Fake timers simulate a blocked event loop.
beforeEach(() => {
  jest.useFakeTimers({ doNotFake: [...EVENT_LOOP, 'Date'] })
})
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

test('a process with a late event loop sheds requests with 503 and Retry-After', async () => {
  const { app, scrape } = await overloaded()
  await expectShed(app)
  expect(await scrape('http_requests_total{method="GET",route="/",status_code="503"}')).toBe(1)
})

test('probes, metrics and the fault endpoints are not shed', async () => {
  const { app, management } = await overloaded()
  for (const url of ['/health', '/ready']) {
    expect([url, (await app.inject(url)).statusCode]).toEqual([url, 200])
  }
  const expected = { '/health': 200, '/ready': 200, '/metrics': 200, '/faults': 403 }
  for (const [url, status] of Object.entries(expected)) {
    expect([url, (await management.inject(url)).statusCode]).toEqual([url, status])
  }
})

test('requests are accepted again once the event loop recovers', async () => {
  const { app } = await overloaded()
  expect((await app.inject('/')).statusCode).toBe(503)
  // Sampling needs some turns of the event loop, which are late on a busy computer.
  const retry = async () => {
    const start = performance.now()
    while (performance.now() - start < 50) await new Promise(resolve => setImmediate(resolve))
    jest.advanceTimersByTime(1000)
    return (await app.inject('/')).statusCode
  }
  const answers: number[] = []
  while (answers.at(-1) !== 200 && answers.length < 100) answers.push(await retry())
  expect(answers.at(-1)).toBe(200)
})

describe('with slots for two reads and one post', () => {
  /** Requests wait in their handlers until `release` is called. */
  async function withSlots (env: Record<string, string> = {}) {
    const { promise: gate, resolve: release } = Promise.withResolvers<void>()
    const built = await build({
      env: { MAX_READS_IN_FLIGHT: '2', MAX_POSTS_IN_FLIGHT: '1', ...env },
      routes: app => {
        app.get('/', async () => { await gate; return 'fine' })
        app.post('/', { config: { rateLimit: {} } }, async () => { await gate; return 'stored' })
        app.get('/broken', async () => { throw new Error('unexpected') })
      }
    })
    const ask = async (method: 'GET' | 'POST', url = '/') =>
      (await built.app.inject({ method, url })).statusCode
    return { ...built, ask, release }
  }

  test('requests beyond the limit are shed, and accepted again once slots are free', async () => {
    const { app, ask, release, scrape } = await withSlots()
    const inFlight = [ask('GET'), ask('GET'), ask('POST')]
    await expectShed(app)
    release()
    expect(await Promise.all(inFlight)).toEqual([200, 200, 200])
    expect([await ask('GET'), await ask('POST')]).toEqual([200, 200])
    const shed = ['reads', 'posts', 'event_loop'].map(async reason =>
      await scrape(`guestbook_requests_shed_total{reason="${reason}"}`))
    expect(await Promise.all(shed)).toEqual([1, 1, 0])
  })

  test('posts and reads use separate slots', async () => {
    const { ask, release } = await withSlots()
    const post = ask('POST')
    expect(await ask('POST')).toBe(503)
    const reads = [ask('GET'), ask('GET')]
    release()
    expect(await Promise.all([post, ...reads])).toEqual([200, 200, 200])
  })

  test('probes need no slot', async () => {
    const { ask, release } = await withSlots()
    const inFlight = [ask('GET'), ask('GET')]
    expect([await ask('GET'), await ask('GET', '/health'), await ask('GET', '/ready')]).toEqual([
      503, 200, 200
    ])
    release()
    await Promise.all(inFlight)
  })

  test('an error releases the slot; unknown and rate-limited requests acquire none', async () => {
    const { ask, release } = await withSlots({ RATE_LIMIT_POSTS: '2' })
    release()
    for (let i = 0; i < 5; i++) {
      expect([await ask('GET', '/broken'), await ask('GET', '/nowhere')]).toEqual([500, 404])
    }
    const statuses: number[] = []
    for (let i = 0; i < 4; i++) statuses.push(await ask('POST'))
    expect(statuses).toEqual([200, 200, 429, 429])
    expect(await ask('GET')).toBe(200)
  })

  test('shed requests are logged once a second, with a count', async () => {
    const { ask, release, service } = await withSlots()
    const inFlight = [ask('GET'), ask('GET')]
    const clock = jest.spyOn(performance, 'now').mockReturnValue(10_000)
    cleanUp(() => { clock.mockRestore() })
    for (const now of [10_000, 11_000, 11_001]) {
      clock.mockReturnValue(now)
      for (let i = 0; i < 50; i++) expect(await ask('GET')).toBe(503)
    }
    release()
    await Promise.all(inFlight)
    const lines = service.lines.filter(({ level }) => level !== 'debug')
    const line = {
      level: 'warn',
      time: expect.any(String),
      service: 'test-service',
      reason: 'reads',
      msg: 'overloaded, shedding requests'
    }
    expect(lines).toEqual([{ ...line, requests: 1 }, { ...line, requests: 100 }])
  })
})
