import { describe, expect, jest, test } from '@jest/globals'
import { loadConfig, TIME_BUDGET } from '@guestbook/service-kit'
import { createTestService } from '@guestbook/service-kit/testing'
import { BackendClient } from '../src/backend/client.ts'
import { BackendClientError, BackendUnavailable } from '../src/backend/contract.ts'
import { ConfigSchema } from '../src/config.ts'
import { NO_MESSAGES } from '../src/pages/newest.ts'
import {
  breakOff, emptyPage, hangUp, json, problem, raw, stall, startFakeBackend, STORED, stubTimeouts,
  type Responder
} from './fake-backend.ts'
import { cleanUp, UNREACHABLE_URL, until } from './helper.ts'
import { skipRetryPauses } from './time.ts'

const TRACE_ID = '0af7651916cd43dd8448eb211c80319c'
const POST = { name: 'Ann', message: 'Hello', visitorId: 'visitor-1', clientIp: '198.51.100.1' }
const stored = json(201, STORED)

skipRetryPauses()

function clientOf (url: string): BackendClient {
  const service = createTestService('guestbook-frontend', loadConfig(ConfigSchema, {}))
  const client = new BackendClient(url, service)
  cleanUp(async () => { await client.close() })
  return client
}

async function open (...script: Responder[]) {
  const backend = await startFakeBackend(...script)
  return { client: clientOf(backend.url), backend, received: backend.received }
}

test('a post is one request with the visitor id, the address and the trace', async () => {
  const { client, received } = await open(stored)
  expect(await client.post(TRACE_ID, POST)).toEqual({ message: STORED, isReplay: false })
  expect(received).toEqual([{
    method: 'POST',
    path: '/api/v1/messages',
    headers: expect.objectContaining({
      'content-type': 'application/json',
      'idempotency-scope': 'visitor-1',
      'x-forwarded-for': '198.51.100.1',
      traceparent: expect.stringMatching(/^00-0af7651916cd43dd8448eb211c80319c-[0-9a-f]{16}-01$/)
    }),
    body: '{"name":"Ann","message":"Hello"}'
  }])
})

test('a repeated read is conditional', async () => {
  const { client, received } = await open(emptyPage, raw(304, ''))
  expect(await client.newest(TRACE_ID)).toEqual({ page: NO_MESSAGES, etag: '"1"' })
  expect(await client.newest(TRACE_ID, '"1"')).toBeUndefined()
  expect(received.map(({ headers }) => headers['if-none-match'])).toEqual([undefined, '"1"'])
})

test('a cursor is encoded', async () => {
  const { client, received } = await open(emptyPage)
  await client.older(TRACE_ID, 'a&limit=1000/../ü')
  expect(received[0]?.path).toBe('/api/v1/messages?cursor=a%26limit%3D1000%2F..%2F%C3%BC')
})

describe('a transient error is retried', () => {
  const transient: Record<string, Responder> = {
    'an unavailable backend': problem(503),
    'a bad gateway': raw(502, ''),
    'a gateway timeout': raw(504, ''),
    'a lost connection': hangUp,
    'a truncated response': breakOff,
    silence: stall
  }

  test.each(Object.entries(transient))(
    '%s: the post is repeated with the same headers and body',
    async (_what, answer) => {
      if (answer === stall) stubTimeouts()
      const { client, received } = await open(answer, answer, stored)
      expect(await client.post(TRACE_ID, POST)).toEqual({ message: STORED, isReplay: false })
      expect(received).toHaveLength(3)
      for (const request of received) {
        expect(request).toMatchObject({
          method: 'POST',
          body: '{"name":"Ann","message":"Hello"}',
          headers: { 'idempotency-scope': 'visitor-1' }
        })
      }
    }
  )

  test.each(Object.entries(transient))(
    '%s: after four attempts, the backend is unavailable',
    async (_what, answer) => {
      if (answer === stall) stubTimeouts()
      const { client, received } = await open(answer)
      await expect(client.post(TRACE_ID, POST)).rejects.toThrow(BackendUnavailable)
      expect(received).toHaveLength(4)
      await expect(client.newest(TRACE_ID)).rejects.toThrow(BackendUnavailable)
      expect(received).toHaveLength(8)
    }
  )

  test('a refused connection', async () => {
    const answer = clientOf(UNREACHABLE_URL).newest(TRACE_ID)
    await expect(answer).rejects.toThrow('The backend is unreachable.')
  })
})

describe('a permanent error is not retried', () => {
  test.each([400, 404, 413, 415, 422, 429])(
    '%i: a client error with its reasons',
    async status => {
      const errors = [{ pointer: '#/name', detail: 'is missing' }]
      const body = { type: 'urn:x', title: 'X', status, detail: 'Because.', traceId: 'x', errors }
      const { client, received } = await open(json(status, body, { 'retry-after': '7' }))
      const error = await client.post(TRACE_ID, POST).catch(error => error)
      expect(error).toBeInstanceOf(BackendClientError)
      const expected = { statusCode: status, message: 'Because.', errors, retryAfter: '7' }
      expect(error).toMatchObject(expected)
      expect(received).toHaveLength(1)
    }
  )

  test.each([500, 501])('%i: an error of the backend', async status => {
    const { client, received } = await open(problem(status))
    const answer = client.post(TRACE_ID, POST)
    await expect(answer).rejects.toThrow(`The backend responded with status ${status}.`)
    expect(received).toHaveLength(1)
  })

  const INVALID: Record<string, Responder> = {
    'no JSON': raw(201, '<html>'),
    nothing: raw(201, ''),
    'another shape': json(201, { ...STORED, id: 7 }),
    'a missing field': json(201, { ...STORED, createdAt: undefined }),
    'an error that is not a problem document': raw(400, 'no')
  }
  test.each(Object.entries(INVALID))('%s: an invalid response', async (_what, answer) => {
    const { client, received } = await open(answer)
    const error = await client.post(TRACE_ID, POST).catch(error => error)
    expect(error).toEqual(new Error('The backend response does not match its contract.'))
    expect(error.constructor).toBe(Error)
    expect(received).toHaveLength(1)
  })
})

describe('timeouts', () => {
  test.each([
    ['newest', TIME_BUDGET.pageMs, TIME_BUDGET.pageMs],
    ['post', TIME_BUDGET.postMs, TIME_BUDGET.postAttemptMs]
  ] as const)(
    'all attempts of %s take at most %i ms, each of them %i',
    async (operation, totalMs, attemptMs) => {
      let now = 0
      const clock = jest.spyOn(Date, 'now').mockImplementation(() => now)
      cleanUp(() => { clock.mockRestore() })
      const timeouts = stubTimeouts()
      const { client } = await open((response, request) => {
        now += timeouts.at(-1)!
        return stall(response, request)
      })
      const answer = operation === 'post' ? client.post(TRACE_ID, POST) : client.newest(TRACE_ID)
      await expect(answer).rejects.toThrow('The backend timed out.')
      expect(timeouts[0]).toBe(attemptMs)
      expect(timeouts.reduce((sum, timeout) => sum + timeout)).toBe(totalMs)
    }
  )
})

describe('after a failed read', () => {
  test('reads fail immediately until a probe succeeds', async () => {
    const { client, backend, received } = await open(emptyPage, problem(503))
    await client.newest(TRACE_ID)
    await expect(client.newest(TRACE_ID)).rejects.toThrow('The backend responded with status 503.')
    const before = received.length
    for (const read of [
      async () => await client.newest(TRACE_ID),
      async () => await client.older(TRACE_ID, 'x')
    ]) {
      await expect(read()).rejects.toThrow('The circuit breaker of the backend is open.')
      await expect(read()).rejects.toBeInstanceOf(BackendUnavailable)
    }
    expect(received).toHaveLength(before)
    await backend.request() // the first probe fails
    await expect(client.newest(TRACE_ID)).rejects.toBeInstanceOf(BackendUnavailable)

    backend.respondWith(emptyPage)
    const works = async () => await client.newest(TRACE_ID).then(() => true, () => false)
    await until('reads work again', works)
  })

  test('posts are still sent, and a successful one closes the circuit breaker', async () => {
    const { client, backend } = await open(problem(503))
    await expect(client.newest(TRACE_ID)).rejects.toBeInstanceOf(BackendUnavailable)
    backend.respondWith(stored)
    expect(await client.post(TRACE_ID, POST)).toEqual({ message: STORED, isReplay: false })
    backend.respondWith(emptyPage)
    expect(await client.newest(TRACE_ID)).toBeDefined()
  })

  test('other errors do not open the circuit breaker', async () => {
    const { client } = await open(problem(400), problem(500), raw(200, 'no JSON'), emptyPage)
    for (let read = 0; read < 3; read++) {
      await expect(client.newest(TRACE_ID)).rejects.not.toBeInstanceOf(BackendUnavailable)
    }
    expect(await client.newest(TRACE_ID)).toBeDefined()
  })
})

test('an outage does not multiply requests', async () => {
  const { client, received } = await open(problem(503))
  await Promise.all(
    Array.from({ length: 500 }, async () => await client.post(TRACE_ID, POST).catch(() => {}))
  )
  expect(received.length).toBeGreaterThan(500)
  expect(received.length).toBeLessThanOrEqual(570)
})
