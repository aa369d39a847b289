import { beforeEach, expect, jest, test } from '@jest/globals'
import { familiesOf } from '@guestbook/service-kit/testing'
import { build, cleanUp, NOWHERE, until } from './helper.ts'
import {
  EMPTY_PAGE,
  hangUp,
  hurry,
  json,
  problem,
  raw,
  stall,
  startFakeBackend,
  type Answer
} from './fake-backend.ts'
import { Visitor } from './visitor.ts'

const page = json(200, EMPTY_PAGE, { etag: '"1"' })
const FORM = { name: 'Ann', message: 'Hello' }
const stored = json(201, { id: '1', ...FORM, createdAt: '2026-01-01T12:00:00.000Z' })

beforeEach(() => {
  const random = jest.spyOn(Math, 'random').mockReturnValue(0) // retries come at once
  cleanUp(() => { random.mockRestore() })
})

async function open (...script: Answer[]) {
  const backend = script.length > 0 ? await startFakeBackend(...script) : undefined
  const built = await build({ BACKEND_URL: backend?.url ?? NOWHERE })
  /** How many attempts and retries were counted, by their labels. */
  const counted = async () => ({
    attempts: (await built.series('guestbook_backend_request_duration_seconds_count')).map(line =>
      line.slice('guestbook_backend_request_duration_seconds_count'.length)
    ),
    retries: (await built.series('guestbook_backend_retries_total')).map(line =>
      line.slice('guestbook_backend_retries_total'.length)
    )
  })
  return { ...built, backend, visitor: new Visitor(built.app), counted }
}

test('beside those of every service there are these families', async () => {
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

test('the breaker shows when reads fail at once, and when they no longer do', async () => {
  const { visitor, series, backend } = await open(page)
  const isOpen = async () => (await series('guestbook_backend_breaker_open'))[0]
  expect(await isOpen()).toBe('guestbook_backend_breaker_open 0')
  backend!.answerWith(hangUp)
  await visitor.get()
  expect(await isOpen()).toBe('guestbook_backend_breaker_open 1')
  backend!.answerWith(page)
  await until('a read works again', async () =>
    await isOpen() === 'guestbook_backend_breaker_open 0')
})

test('each attempt is counted once, by what was asked and how it ended', async () => {
  const { visitor, counted } = await open(
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
  await visitor.sign(FORM) // refused, and the page below the form read again
  await visitor.sign(FORM) // failed, and so on
  expect(await counted()).toEqual({
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

test('attempts that are repeated are counted each, and the repeats apart', async () => {
  hurry()
  const { visitor, counted } = await open(problem(503), hangUp, stall, stored)
  expect((await visitor.sign(FORM)).statusCode).toBe(303)
  expect(await counted()).toEqual({
    attempts: [
      '{operation="post",outcome="error"} 1',
      '{operation="post",outcome="ok"} 1',
      '{operation="post",outcome="timeout"} 1',
      '{operation="post",outcome="unreachable"} 1'
    ],
    retries: ['{operation="post"} 3']
  })
})

test('a backend that is not there is unreachable, and a retried request is still one request of the visitor', async () => {
  const { visitor, counted, series } = await open()
  await visitor.get()
  expect(await counted()).toEqual({
    attempts: ['{operation="newest",outcome="unreachable"} 4'],
    retries: ['{operation="newest"} 3']
  })
  expect(await series('http_requests_total')).toEqual([
    'http_requests_total{method="GET",route="/",status_code="503"} 1'
  ])
})

test('requests of visitors are counted by page and status, however many calls they took', async () => {
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
