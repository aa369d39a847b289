import { expect, test } from '@jest/globals'
import { familiesOf } from '@guestbook/service-kit/testing'
import { build, until } from './helper.ts'
import {
  buildWithFake, emptyPage, hangUp, json, problem, raw, stall, STORED, stubTimeouts
} from './fake-backend.ts'
import { skipRetryPauses } from './time.ts'

const FORM = { name: 'Ann', message: 'Hello' }
const stored = json(201, STORED)

skipRetryPauses()

/** Counters of attempts and retries, by label. */
const countersOf = async ({ series }: Awaited<ReturnType<typeof build>>) => ({
  attempts: await series('guestbook_backend_request_duration_seconds_count'),
  retries: await series('guestbook_backend_retries_total')
})

test('the frontend declares these metric families besides the common ones', async () => {
  const { service } = await build()
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
  const { visitor, series, backend } = await buildWithFake(emptyPage)
  const isOpen = async () => (await series('guestbook_backend_breaker_open'))[0]
  expect(await isOpen()).toBe('0')
  backend.respondWith(hangUp)
  await visitor.get()
  expect(await isOpen()).toBe('1')
  backend.respondWith(emptyPage)
  await until('the breaker is closed', async () => await isOpen() === '0')
})

test('each attempt counts once, by operation and outcome', async () => {
  const unchanged = raw(304, '')
  const frontend = await buildWithFake(
    emptyPage, unchanged, problem(400), stored, problem(422), unchanged, problem(500), unchanged
  )
  const { visitor } = frontend
  await visitor.get()
  await visitor.get()
  await visitor.get('/?before=forged')
  await visitor.sign(FORM)
  await visitor.sign(FORM) // rejected, then reads the messages below the form
  await visitor.sign(FORM) // fails, then reads again
  expect(await countersOf(frontend)).toEqual({
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
  const frontend = await buildWithFake(problem(503), hangUp, stall, stored)
  expect((await frontend.visitor.sign(FORM)).statusCode).toBe(303)
  expect(await countersOf(frontend)).toEqual({
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
  const frontend = await build()
  await frontend.visitor.get()
  expect(await countersOf(frontend)).toEqual({
    attempts: ['{operation="newest",outcome="unreachable"} 4'],
    retries: ['{operation="newest"} 3']
  })
  expect(await frontend.series('http_requests_total')).toEqual([
    '{method="GET",route="/",status_code="503"} 1'
  ])
})

test('HTTP metrics count requests of visitors by route and status, not backend calls', async () => {
  const { app, visitor, series } = await buildWithFake(
    emptyPage, problem(400), emptyPage, stored, emptyPage
  )
  await visitor.get()
  await visitor.sign({ name: '', message: '' })
  await visitor.sign(FORM)
  await visitor.get('/nothing')
  await visitor.post('x=1')
  await app.inject('/health')
  expect(await series('http_requests_total')).toEqual([
    '{method="GET",route="/",status_code="200"} 1',
    '{method="GET",route="not_found",status_code="404"} 1',
    '{method="POST",route="/",status_code="303"} 1',
    '{method="POST",route="/",status_code="400"} 2'
  ])
})
