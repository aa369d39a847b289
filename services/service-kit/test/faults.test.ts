import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals'
import { EVENT_LOOP } from '../testing/index.ts'
import { build } from './helper.ts'

const TOKEN = 'a-token-of-sixteen-or-more'
const authorization = `Bearer ${TOKEN}`
const LATENCY = { latencyMs: 5, expiresInSeconds: 5 }
const NOW = Date.UTC(2026, 0, 1)

beforeEach(() => {
  jest.useFakeTimers({ now: NOW, doNotFake: [...EVENT_LOOP] })
})
afterEach(() => { jest.useRealTimers() })

async function switchboard (env: Record<string, string> = { FAULTS_TOKEN: TOKEN }) {
  const built = await build({ env })
  const call = async (
    method: 'GET' | 'PUT' | 'DELETE',
    payload?: object,
    headers: Record<string, string> = { authorization }
  ) => {
    const request = { method, url: '/faults', headers, ...(payload && { payload }) }
    const response = await built.management.inject(request)
    return [response.statusCode, response.json()]
  }
  const active = async () => await Promise.all(['latency', 'error', 'store_down']
    .map(async fault => await built.scrape(`guestbook_fault_active{fault="${fault}"}`)))
  return { ...built, call, active }
}

test('no fault is active at first', async () => {
  const { call, active } = await switchboard()
  expect(await call('GET')).toEqual([200, { expiresAt: null }])
  expect(await active()).toEqual([0, 0, 0])
})

describe('authorisation of the fault endpoints', () => {
  test('without FAULTS_TOKEN they are disabled', async () => {
    const { call, active } = await switchboard({})
    for (const method of ['GET', 'PUT', 'DELETE'] as const) {
      expect(await call(method, method === 'PUT' ? LATENCY : undefined))
        .toMatchObject([403, { detail: 'This is disabled: FAULTS_TOKEN is not set.' }])
    }
    expect(await active()).toEqual([0, 0, 0])
  })

  test('they require the token', async () => {
    const { call, active } = await switchboard()
    const wrong = { authorization: 'Bearer wrong' }
    expect(await call('PUT', LATENCY, {})).toMatchObject([401, { status: 401 }])
    expect(await call('PUT', LATENCY, wrong)).toMatchObject([401, { status: 401 }])
    expect(await active()).toEqual([0, 0, 0])
  })

  test('they are not on the public port', async () => {
    const { app } = await switchboard()
    const response = await app.inject({ url: '/faults', headers: { authorization } })
    expect(response.statusCode).toBe(404)
  })
})

test.each<[object, string[]]>([
  [{ latencyMs: 5 }, ['expiresInSeconds']],
  [
    { latencyMs: 0, errorRate: 1.5, storeDown: 'yes', expiresInSeconds: 3601 },
    ['latencyMs', 'errorRate', 'storeDown', 'expiresInSeconds']
  ],
  [{ errorRate: 0, expiresInSeconds: 0 }, ['errorRate', 'expiresInSeconds']],
  [{ latency: 5, expiresInSeconds: 5 }, ['latency']],
  [{ latencyMs: '5', expiresInSeconds: 5 }, ['latencyMs']],
  [{ latencyMs: 60_001, expiresInSeconds: 60 }, ['latencyMs']],
  [{ errorRate: 1.001, expiresInSeconds: 60 }, ['errorRate']],
  [{ latencyMs: 1.5, expiresInSeconds: 60 }, ['latencyMs']],
  [{ storeDown: true, expiresInSeconds: 1.5 }, ['expiresInSeconds']]
])('the fault %j is rejected because of %j', async (fault, fields) => {
  const { call, active } = await switchboard()
  const [status, body] = await call('PUT', fault)
  const pointers = body.errors.map(({ pointer }: { pointer: string }) => pointer)
  expect([status, pointers]).toEqual([400, fields.map(field => `#/${field}`)])
  expect(await active()).toEqual([0, 0, 0])
})

test.each([
  { latencyMs: 1, expiresInSeconds: 1 },
  { latencyMs: 60_000, expiresInSeconds: 3600 },
  { errorRate: 0.001, expiresInSeconds: 60 },
  { errorRate: 1, expiresInSeconds: 60 }
])('%j is valid', async fault => {
  const { call } = await switchboard()
  const { expiresInSeconds, ...on } = fault
  const expiresAt = new Date(NOW + expiresInSeconds * 1000).toISOString()
  expect(await call('PUT', fault)).toEqual([200, { ...on, expiresAt }])
})

test('a fault appears in the endpoint and as a metric until it expires', async () => {
  const { call, active } = await switchboard()
  const state = { latencyMs: 50, storeDown: true, expiresAt: '2026-01-01T00:01:00.000Z' }
  const fault = { latencyMs: 50, storeDown: true, expiresInSeconds: 60 }
  expect(await call('PUT', fault)).toEqual([200, state])
  expect(await call('GET')).toEqual([200, state])
  expect(await active()).toEqual([1, 0, 1])
  jest.advanceTimersByTime(59_999)
  expect(await active()).toEqual([1, 0, 1])
  jest.advanceTimersByTime(1)
  expect(await call('GET')).toEqual([200, { expiresAt: null }])
  expect(await active()).toEqual([0, 0, 0])
})

test('a new fault replaces the old one and its expiry', async () => {
  const { call, active } = await switchboard()
  await call('PUT', { latencyMs: 50, expiresInSeconds: 10 })
  await call('PUT', { errorRate: 0.5, expiresInSeconds: 30 })
  expect(await active()).toEqual([0, 1, 0])
  jest.advanceTimersByTime(29_999)
  expect(await active()).toEqual([0, 1, 0])
  jest.advanceTimersByTime(1)
  expect(await active()).toEqual([0, 0, 0])
})

test('a fault can be cleared before it expires, and clearing is idempotent', async () => {
  const { call, active, service } = await switchboard()
  expect(await call('DELETE')).toEqual([200, { expiresAt: null }])
  await call('PUT', { storeDown: true, expiresInSeconds: 10 })
  expect(await call('DELETE')).toEqual([200, { expiresAt: null }])
  expect(await active()).toEqual([0, 0, 0])
  jest.advanceTimersByTime(60_000)
  expect(service.lines.filter(({ msg }) => msg === 'fault switched off')).toHaveLength(1)
})

test('each change is logged with fault, expiry and reason', async () => {
  const { call, service } = await switchboard()
  await call('PUT', { latencyMs: 50, expiresInSeconds: 10 })
  await call('DELETE')
  await call('PUT', { errorRate: 1, expiresInSeconds: 1 })
  jest.advanceTimersByTime(1000)
  expect(
    service.lines
      .filter(({ level }) => level === 'warn')
      .map(({ msg, fault, expiresAt, reason }) => ({ msg, fault, expiresAt, reason }))
  ).toEqual([
    { msg: 'fault switched on', fault: { latencyMs: 50 }, expiresAt: '2026-01-01T00:00:10.000Z' },
    { msg: 'fault switched off', reason: 'cleared' },
    { msg: 'fault switched on', fault: { errorRate: 1 }, expiresAt: '2026-01-01T00:00:01.000Z' },
    { msg: 'fault switched off', reason: 'expired' }
  ])
})
