import { expect, jest, test } from '@jest/globals'
import { build } from './helper.ts'

const LIVE = ['/health', '/health/live']
const READY = ['/ready', '/health/ready']

async function probe (health: 'up' | 'down' | 'draining') {
  const built = await build()
  built.service.health.addCheck('store', async () => {
    if (health === 'down') throw new Error('no store at mongodb://secret')
  })
  if (health === 'draining') built.service.health.drain()
  const answers: Record<string, unknown> = {}
  for (const path of [...LIVE, ...READY]) {
    const [open, management] = await Promise.all([
      built.app.inject(path),
      built.management.inject(path)
    ])
    expect([management.statusCode, management.json()]).toEqual([open.statusCode, open.json()])
    answers[path] = [open.statusCode, open.json()]
  }
  return { answers, ...built }
}

test('a service with passing checks is alive and ready, on both ports and paths', async () => {
  expect((await probe('up')).answers).toEqual({
    '/health': [200, { status: 'ok' }],
    '/health/live': [200, { status: 'ok' }],
    '/ready': [200, { status: 'ready' }],
    '/health/ready': [200, { status: 'ready' }]
  })
})

test('a failing check makes it unready but alive, and is named without its message', async () => {
  const unready = [503, { status: 'unready', problems: ['store'] }]
  expect((await probe('down')).answers).toEqual({
    '/health': [200, { status: 'ok' }],
    '/health/live': [200, { status: 'ok' }],
    '/ready': unready,
    '/health/ready': unready
  })
})

test('a draining service is unready, serves requests and sends Connection: close', async () => {
  const { answers, app } = await probe('draining')
  expect(answers['/health']).toEqual([200, { status: 'ok' }])
  expect(answers['/ready']).toEqual([503, { status: 'unready', problems: ['draining'] }])
  for (const url of ['/health', '/ready', '/nothing-here']) {
    expect((await app.inject(url)).headers.connection).toBe('close')
  }
})

test('before the drain connections are kept alive', async () => {
  const { app } = await probe('up')
  expect((await app.inject('/health')).headers.connection).not.toBe('close')
})

test('it becomes ready again when the check passes', async () => {
  const { service, app } = await build()
  let isUp = false
  service.health.addCheck('store', async () => { if (!isUp) throw new Error('down') })
  expect((await app.inject('/ready')).statusCode).toBe(503)
  isUp = true
  expect((await app.inject('/ready')).statusCode).toBe(200)
})

test('each change of a check is logged once, with its cause', async () => {
  const { service, app } = await build()
  let isUp = false
  service.health.addCheck('store', async () => { if (!isUp) throw new Error('no host answers') })
  for (let i = 0; i < 3; i++) await app.inject('/ready')
  isUp = true
  for (let i = 0; i < 3; i++) await app.inject('/ready')
  expect(service.lines).toEqual([
    expect.objectContaining({
      level: 'warn',
      msg: 'not ready: store',
      check: 'store',
      err: expect.objectContaining({ message: 'no host answers' })
    }),
    expect.objectContaining({ level: 'info', msg: 'ready again: store', check: 'store' })
  ])
})

test('concurrent probes cause at most two checks of the dependency', async () => {
  const { service, app } = await build()
  const check = jest.fn<() => void>()
  const { promise: gate, resolve: open } = Promise.withResolvers<void>()
  service.health.addCheck('store', async () => { check(); await gate })
  const probes = Array.from({ length: 50 }, async () => (await app.inject('/ready')).statusCode)
  for (let turn = 0; turn < 20; turn++) await new Promise(resolve => setImmediate(resolve))
  open()
  expect(new Set(await Promise.all(probes))).toEqual(new Set([200]))
  expect(check).toHaveBeenCalledTimes(2)
})

test('probes are not logged, counted or rate-limited', async () => {
  const { service, app, scrape } = await build({ env: { RATE_LIMIT_POSTS: '1' } })
  for (let i = 0; i < 5; i++) expect((await app.inject('/ready')).statusCode).toBe(200)
  expect(service.lines).toEqual([])
  expect(
    await scrape('http_requests_total{method="GET",route="/ready",status_code="200"}')
  ).toBeUndefined()
})
