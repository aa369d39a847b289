import { expect, jest, test } from '@jest/globals'
import { build, cleanUp } from './helper.ts'

const FAULT = { expiresInSeconds: 60 }

async function buildPlain () {
  const built = await build({
    routes: app => {
      app.get('/', async () => 'fine')
      app.post('/', async () => 'stored')
    }
  })
  cleanUp(() => { built.service.faults.clear() })
  const timed = async (url: string) => {
    const start = performance.now()
    const { statusCode } = await built.app.inject(url)
    return { statusCode, ms: performance.now() - start }
  }
  return { ...built, timed }
}

test('latency delays every request until it is cleared', async () => {
  const { service, timed } = await buildPlain()
  service.faults.set({ ...FAULT, latencyMs: 200 })
  const slow = await timed('/')
  expect(slow.statusCode).toBe(200)
  expect(slow.ms).toBeGreaterThanOrEqual(199)

  service.faults.set({ ...FAULT, latencyMs: 60_000 }) // longer than a test may take
  service.faults.clear()
  expect((await timed('/')).statusCode).toBe(200)
})

test('the error rate fails that share of requests, without internal details', async () => {
  const { service, app, scrape } = await buildPlain()
  const random = jest.spyOn(Math, 'random').mockReturnValue(0.29)
  cleanUp(() => { random.mockRestore() })
  service.faults.set({ ...FAULT, errorRate: 0.3 })
  const failed = await app.inject('/')
  expect([failed.statusCode, failed.json().detail]).toEqual([
    500,
    'Something went wrong on our side. Quote the traceId when you report it.'
  ])
  expect((await app.inject({ method: 'POST', url: '/' })).statusCode).toBe(500)
  random.mockReturnValue(0.3)
  expect((await app.inject('/')).statusCode).toBe(200)
  expect(await scrape('http_requests_total{method="GET",route="/",status_code="500"}')).toBe(1)
})

test('an error rate of 1 fails every request', async () => {
  const { service, app } = await buildPlain()
  service.faults.set({ ...FAULT, errorRate: 1 })
  const statuses = await Promise.all(
    Array.from({ length: 100 }, async () => (await app.inject('/')).statusCode)
  )
  expect(new Set(statuses)).toEqual(new Set([500]))
})

test('the service can query the fault storeDown', async () => {
  const { service } = await buildPlain()
  expect(service.faults.storeDown).toBe(false)
  service.faults.set({ ...FAULT, storeDown: true })
  expect(service.faults.storeDown).toBe(true)
})

test('probes, metrics and the management server are not affected', async () => {
  const { service, app, management } = await buildPlain()
  service.faults.set({ ...FAULT, latencyMs: 60_000, errorRate: 1 })
  for (const url of ['/health', '/health/live', '/ready', '/health/ready']) {
    expect([
      url,
      (await app.inject(url)).statusCode,
      (await management.inject(url)).statusCode
    ]).toEqual([url, 200, 200])
  }
  expect((await management.inject('/metrics')).statusCode).toBe(200)
})
