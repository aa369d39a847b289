import { expect, test } from '@jest/globals'
import { familiesOf } from '@guestbook/service-kit/testing'
import { build, UNREACHABLE_URL, until } from './helper.ts'
import {
  EMPTY_PAGE,
  hangUp,
  stubTimeouts,
  json,
  problem,
  raw,
  stall,
  startFakeBackend,
  type Responder
} from './fake-backend.ts'
import { skipRetryPauses } from './time.ts'
import { Visitor } from './visitor.ts'

const page = json(200, EMPTY_PAGE, { etag: '"1"' })
const FORM = { name: 'Ann', message: 'Hello' }
const stored = json(201, { id: '1', ...FORM, createdAt: '2026-01-01T12:00:00.000Z' })

skipRetryPauses()

async function open (...script: Responder[]) {
  const backend = script.length > 0 ? await startFakeBackend(...script) : undefined
  const built = await build({ BACKEND_URL: backend?.url ?? UNREACHABLE_URL })
  /** Counters of attempts and retries, by label. */
  const counters = async () => ({
    attempts: (await built.series('guestbook_backend_request_duration_seconds_count')).map(line =>
      line.slice('guestbook_backend_request_duration_seconds_count'.length)
    ),
    retries: (await built.series('guestbook_backend_retries_total')).map(line =>
      line.slice('guestbook_backend_retries_total'.length)
    )
  })
  return { ...built, backend, visitor: new Visitor(built.app), counters }
}

test('the frontend declares these metric families besides the common ones', async () => {
  const { service } = await open()
  const families = await familiesOf(service)
  expect(families.filter(({ name }) => name.includes('_backend_'))).toEqual([
    { name: 'guestbook_backend_breaker_open', type: 'gauge', labels: [] },
    {
      name: 'guestbook_backend_request_duration_seconds',
      type: 'histogram',
      labels: ['operation', 'outcome'],
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 1, 2.5, 5, 10]
    },
    { name: 'guestbook_backend_retries_total', type: 'counter', labels: ['operation'] }
  ])
})

test('the breaker gauge is 1 while reads fail immediately', async () => {
  const { visitor, series, backend } = await open(page)
  const isOpen = async () => (await series('guestbook_backend_breaker_open'))[0]
  expect(await isOpen()).toBe('guestbook_backend_breaker_open 0')
  backend!.respondWith(hangUp)
  await visitor.get()
  expect(await isOpen()).toBe('guestbook_backend_breaker_open 1')
  backend!.respondWith(page)
  await until('the breaker is closed', async () =>
    await isOpen() === 'guestbook_backend_breaker_open 0')
})

test('each attempt counts once, by operation and outcome', async () => {
  const { visitor, counters } = await open(
    page,
    raw(304, ''),
    problem(400),
    stored,
    problem(422),
    raw(304, ''),
    problem(500),
    raw(304, '')
  )
  await visitor.get()
  await visitor.get()
  await visitor.get('/?before=forged')
  await visitor.sign(FORM)
  await visitor.sign(FORM) // rejected, then reads the messages below the form
  await visitor.sign(FORM) // fails, then reads again
  expect(await counters()).toEqual({
    attempts: [
      '{operation="newest",outcome="ok"} 1',
      '{operation="newest",outcome="unchanged"} 3',
      '{operation="older",outcome="refused"} 1',
      '{operation="post",outcome="error"} 1',
      '{operation="post",outcome="ok"} 1',
      '{operation="post",outcome="refused"} 1'
    ],
    retries: []
  })
})

test('every attempt of a retried call counts, and retries have their own counter', async () => {
  stubTimeouts()
  const { visitor, counters } = await open(problem(503), hangUp, stall, stored)
  expect((await visitor.sign(FORM)).statusCode).toBe(303)
  expect(await counters()).toEqual({
    attempts: [
      '{operation="post",outcome="error"} 1',
      '{operation="post",outcome="ok"} 1',
      '{operation="post",outcome="timeout"} 1',
      '{operation="post",outcome="unreachable"} 1'
    ],
    retries: ['{operation="post"} 3']
  })
})

test('a retried call to an unreachable backend is one request of the visitor', async () => {
  const { visitor, counters, series } = await open()
  await visitor.get()
  expect(await counters()).toEqual({
    attempts: ['{operation="newest",outcome="unreachable"} 4'],
    retries: ['{operation="newest"} 3']
  })
  expect(await series('http_requests_total')).toEqual([
    'http_requests_total{method="GET",route="/",status_code="503"} 1'
  ])
})

test('HTTP metrics count requests of visitors by route and status, not backend calls', async () => {
  const { app, visitor, series } = await open(page, problem(400), page, stored, page)
  await visitor.get()
  await visitor.sign({ name: '', message: '' })
  await visitor.sign(FORM)
  await visitor.get('/nothing')
  await visitor.post('x=1')
  await app.inject('/health')
  expect(await series('http_requests_total')).toEqual([
    'http_requests_total{method="GET",route="/",status_code="200"} 1',
    'http_requests_total{method="GET",route="not_found",status_code="404"} 1',
    'http_requests_total{method="POST",route="/",status_code="303"} 1',
    'http_requests_total{method="POST",route="/",status_code="400"} 2'
  ])
})
