import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals'
import { build, cleanUp } from './helper.ts'

const OVERLOADED = {
  type: 'urn:guestbook:problem:overloaded',
  title: 'Overloaded',
  status: 503,
  detail: 'The service is too busy just now. Try again in a moment.',
  traceId: expect.stringMatching(/^[0-9a-f]{32}$/)
}

// The event loop is measured once a second. Fake time lets a second pass without the loop turning, as if it were blocked.
beforeEach(() => {
  jest.useFakeTimers({
    doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask', 'performance', 'hrtime', 'Date']
  })
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

test('a process that cannot keep up turns new requests away with 503 and a time to come back', async () => {
  const { app, scrape } = await overloaded()
  for (const method of ['GET', 'POST'] as const) {
    const response = await app.inject({ method, url: '/' })
    expect([response.statusCode, response.headers['retry-after'], response.json()]).toEqual([
      503,
      '1',
      OVERLOADED
    ])
  }
  expect(await scrape('http_requests_total{method="GET",route="/",status_code="503"}')).toBe(1)
})

test('meanwhile probes, metrics and the fault switch answer', async () => {
  const { app, management } = await overloaded()
  for (const url of ['/health', '/ready']) {
    expect([url, (await app.inject(url)).statusCode]).toEqual([url, 200])
  }
  for (const [url, status] of [
    ['/health', 200],
    ['/ready', 200],
    ['/metrics', 200],
    ['/faults', 403]
  ] as const) {
    expect([url, (await management.inject(url)).statusCode]).toEqual([url, status])
  }
})

test('once the event loop turns again, requests are taken again', async () => {
  const { app } = await overloaded()
  expect((await app.inject('/')).statusCode).toBe(503)
  // The measurement needs some turns; on a busy computer these may be late themselves.
  const taken = async () => {
    const start = performance.now()
    while (performance.now() - start < 50) await new Promise(resolve => setImmediate(resolve))
    jest.advanceTimersByTime(1000)
    return (await app.inject('/')).statusCode
  }
  const answers: number[] = []
  while (answers.at(-1) !== 200 && answers.length < 100) answers.push(await taken())
  expect(answers.at(-1)).toBe(200)
})

describe('with places for two reads and one post', () => {
  /** Requests wait inside until they are let go. */
  async function crowded (env: Record<string, string> = {}) {
    const { promise: gate, resolve: letGo } = Promise.withResolvers<void>()
    const built = await build({
      env: { MAX_READS_IN_FLIGHT: '2', MAX_POSTS_IN_FLIGHT: '1', ...env },
      routes: app => {
        app.get('/', async () => { await gate; return 'fine' })
        app.post('/', { config: { rateLimit: {} } }, async () => { await gate; return 'stored' })
        app.get('/broken', async () => { throw new Error('out of order') })
      }
    })
    const ask = async (method: 'GET' | 'POST', url = '/') =>
      (await built.app.inject({ method, url })).statusCode
    return { ...built, ask, letGo }
  }

  test('who comes beyond them is told when to come back, and all are served once there is room', async () => {
    const { app, ask, letGo, scrape } = await crowded()
    const inside = [ask('GET'), ask('GET'), ask('POST')]
    for (const method of ['GET', 'POST'] as const) {
      const response = await app.inject({ method, url: '/' })
      expect([response.statusCode, response.headers['retry-after'], response.json()]).toEqual([
        503,
        '1',
        OVERLOADED
      ])
    }
    letGo()
    expect(await Promise.all(inside)).toEqual([200, 200, 200])
    expect([await ask('GET'), await ask('POST')]).toEqual([200, 200])
    expect(
      await Promise.all(
        ['reads', 'posts', 'event_loop'].map(
          async reason => await scrape(`guestbook_requests_shed_total{reason="${reason}"}`)
        )
      )
    ).toEqual([1, 1, 0])
  })

  test('posts and reads do not take each other\'s places', async () => {
    const { ask, letGo } = await crowded()
    const post = ask('POST')
    expect(await ask('POST')).toBe(503)
    const reads = [ask('GET'), ask('GET')]
    letGo()
    expect(await Promise.all([post, ...reads])).toEqual([200, 200, 200])
  })

  test('probes are let in all the same', async () => {
    const { ask, letGo } = await crowded()
    const inside = [ask('GET'), ask('GET')]
    expect([await ask('GET'), await ask('GET', '/health'), await ask('GET', '/ready')]).toEqual([
      503, 200, 200
    ])
    letGo()
    await Promise.all(inside)
  })

  test('a place is free again after an error, and what is not found or refused takes none', async () => {
    const { ask, letGo } = await crowded({ RATE_LIMIT_POSTS: '2' })
    letGo()
    for (let i = 0; i < 5; i++) {
      expect([await ask('GET', '/broken'), await ask('GET', '/nowhere')]).toEqual([500, 404])
    }
    const statuses: number[] = []
    for (let i = 0; i < 4; i++) statuses.push(await ask('POST'))
    expect(statuses).toEqual([200, 200, 429, 429])
    expect(await ask('GET')).toBe(200)
  })

  test('a flood is told in the log by a line a second, not by one for each request', async () => {
    const { ask, letGo, service } = await crowded()
    const inside = [ask('GET'), ask('GET')]
    const clock = jest.spyOn(performance, 'now').mockReturnValue(10_000)
    cleanUp(() => { clock.mockRestore() })
    for (const now of [10_000, 11_000, 11_001]) {
      clock.mockReturnValue(now)
      for (let i = 0; i < 50; i++) expect(await ask('GET')).toBe(503)
    }
    letGo()
    await Promise.all(inside)
    const told = service.lines.filter(({ level }) => level !== 'debug')
    const line = {
      level: 'warn',
      time: expect.any(String),
      service: 'test-service',
      reason: 'reads',
      msg: 'too busy, turning requests away'
    }
    expect(told).toEqual([{ ...line, requests: 1 }, { ...line, requests: 100 }])
  })
})
