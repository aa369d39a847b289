import { once } from 'node:events'
import { Agent, request } from 'node:http'
import { describe, expect, test } from '@jest/globals'
import { familiesOf } from '@guestbook/service-kit/testing'
import { fill, get, hello, MESSAGES, moderate, post, TOKEN, UNKNOWN_ID } from './api.ts'
import { StoreUnavailable } from '../src/store/message-store.ts'
import { fakeStore } from './fake-store.ts'
import { build, until, type BuildOptions } from './helper.ts'

/** The backend, and the current series of a metric, by labels. */
async function observed (options: BuildOptions = {}) {
  const built = await build({ ...options, env: { MODERATOR_TOKEN: TOKEN, ...options.env } })
  const series = async (name: string) => {
    const { body } = await built.management.inject('/metrics')
    const lines = body
      .split('\n')
      .map(line => /^(\w+)(?:\{(.*?)\})? (\S+)/.exec(line))
      .filter(match => match?.[1] === name)
    return Object.fromEntries(lines.map(match => [match![2] ?? '', Number(match![3])]))
  }
  return { ...built, series }
}

test('the backend has these additional metric families', async () => {
  const { service } = await observed()
  const families = await familiesOf(service)
  expect(families.filter(({ name }) => /_(messages|store)_/.test(name))).toEqual([
    { name: 'guestbook_messages_total', type: 'counter', labels: ['status'] },
    {
      name: 'guestbook_store_operation_duration_seconds',
      type: 'histogram',
      labels: ['operation', 'outcome'],
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 1, 2.5, 5, 10]
    }
  ])
})

const list = `route="${MESSAGES}"`
const one = `route="${MESSAGES}/:id"`

describe('requests', () => {
  test('are counted once, by method, route pattern and status', async () => {
    const { app, series } = await observed()
    const [message] = await fill(app, 2)
    const { etag } = (await get(app)).headers
    await get(app, '', { 'if-none-match': String(etag) })
    await get(app, '?limit=0')
    await get(app, `/${message!.id}`)
    await get(app, `/${UNKNOWN_ID}`)
    await post(app, {})
    await post(app, 'x'.repeat(70_000))
    await moderate(app, 'hide', message!.id, `Bearer ${TOKEN}`)
    await app.inject('/nowhere')
    await app.inject('/nowhere/else?x=1')
    await app.inject({ method: 'DELETE', url: MESSAGES })
    const expected = {
      [`method="POST",${list},status_code="201"`]: 2,
      [`method="GET",${list},status_code="200"`]: 1,
      [`method="GET",${list},status_code="304"`]: 1,
      [`method="GET",${list},status_code="400"`]: 1,
      [`method="GET",${one},status_code="200"`]: 1,
      [`method="GET",${one},status_code="404"`]: 1,
      [`method="POST",${list},status_code="400"`]: 1,
      [`method="POST",${list},status_code="413"`]: 1,
      [`method="POST",route="${MESSAGES}/:id/hide",status_code="200"`]: 1,
      'method="GET",route="not_found",status_code="404"': 2,
      'method="DELETE",route="/api/v1/messages",status_code="405"': 1
    }
    expect(await series('http_requests_total')).toEqual(expected)
    expect(await series('http_request_duration_seconds_count')).toEqual(expected)
  })

  test('to probes, metrics and fault endpoints are not counted', async () => {
    const { app, management, series } = await observed()
    for (const path of ['/health', '/health/live', '/ready', '/health/ready']) {
      await app.inject(path)
      await management.inject(path)
    }
    await management.inject('/metrics')
    await management.inject('/faults')
    expect(await series('http_requests_total')).toEqual({})
    expect(await series('http_request_duration_seconds_count')).toEqual({})
  })
})

describe('messages', () => {
  test('are counted by outcome', async () => {
    const { app, series } = await observed()
    const { id } = (await post(app, hello, { 'idempotency-key': 'key' })).json()
    await post(app, hello)
    await post(app, hello, { 'idempotency-key': 'key' })
    await post(app, { ...hello, message: 'Other' }, { 'idempotency-key': 'key' })
    await post(app, { ...hello, message: '' })
    await post(app, '{')
    await post(app, 'x', { 'content-type': 'text/html' })
    await moderate(app, 'hide', id, `Bearer ${TOKEN}`)
    await post(app, hello, { 'idempotency-key': 'key' })
    await moderate(app, 'restore', id, `Bearer ${TOKEN}`)
    await moderate(app, 'hide', id)
    await moderate(app, 'hide', UNKNOWN_ID, `Bearer ${TOKEN}`)
    await get(app)
    await get(app, '/not-an-id')
    expect(await series('guestbook_messages_total')).toEqual({
      'status="created"': 2,
      'status="replayed"': 2,
      'status="conflict"': 1,
      'status="refused"': 3,
      'status="hidden"': 1,
      'status="restored"': 1
    })
  })

  test('beyond the rate limit count as refused', async () => {
    const { app, series } = await observed({ env: { RATE_LIMIT_POSTS: '1' } })
    await post(app, hello)
    await post(app, hello)
    expect(await series('guestbook_messages_total')).toEqual({
      'status="created"': 1,
      'status="refused"': 1
    })
  })

  test('with an unknown outcome count as failed, once', async () => {
    const { app, series } = await observed({ store: fakeStore({ get: async () => null }) })
    await post(app, hello)
    await get(app)
    expect(await series('guestbook_messages_total')).toEqual({ 'status="failed"': 1 })
    expect(await series('http_requests_total')).toEqual({
      [`method="POST",${list},status_code="503"`]: 1,
      [`method="GET",${list},status_code="503"`]: 1
    })
  })

  test('that fail after their client has disconnected count as failed', async () => {
    const client = new AbortController()
    const { promise: gone, resolve: goAway } = Promise.withResolvers<void>()
    const create = async () => {
      client.abort()
      await gone
      throw new StoreUnavailable('too late')
    }
    const { app, series } = await observed({ store: fakeStore({ create }) })
    const url = await app.listen({ port: 0 })
    // A separate agent bypasses the proxy of the environment.
    const posted = request(url + MESSAGES, {
      agent: new Agent(),
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      signal: client.signal
    }).end(JSON.stringify(hello))
    await expect(once(posted, 'response')).rejects.toThrow('abort')
    await until(
      'the client has disconnected',
      async () =>
        (await series('http_requests_total'))[`method="POST",${list},status_code="499"`] === 1
    )
    goAway()
    await until(
      'the failure is counted',
      async () => (await series('guestbook_messages_total'))['status="failed"'] === 1
    )
  })
})

describe('operations of the store', () => {
  test('are counted by outcome', async () => {
    const { app, series } = await observed()
    const { id } = (await post(app, hello, { 'idempotency-key': 'key' })).json()
    await post(app, hello, { 'idempotency-key': 'key' })
    await post(app, { ...hello, message: 'Other' }, { 'idempotency-key': 'key' })
    await post(app, { ...hello, message: '' })
    await get(app)
    await get(app, '?limit=5')
    await get(app, `/${id}`)
    await get(app, `/${UNKNOWN_ID}`)
    await moderate(app, 'hide', id, `Bearer ${TOKEN}`)
    await app.inject('/ready')
    expect(await series('guestbook_store_operation_duration_seconds_count')).toEqual({
      'operation="create",outcome="ok"': 2,
      'operation="create",outcome="conflict"': 1,
      'operation="list",outcome="ok"': 2,
      'operation="get",outcome="ok"': 2,
      'operation="set_hidden",outcome="ok"': 1,
      'operation="ping",outcome="ok"': 1
    })
  })

  test('that fail are counted as unavailable or as error', async () => {
    const { app, series } = await observed({
      store: fakeStore({ list: async () => { throw new Error('broken') } })
    })
    await post(app, hello)
    await get(app)
    await app.inject('/ready')
    expect(await series('guestbook_store_operation_duration_seconds_count')).toEqual({
      'operation="create",outcome="unavailable"': 1,
      'operation="list",outcome="error"': 1,
      'operation="ping",outcome="unavailable"': 1
    })
  })

  test('fail without reaching the store while the fault storeDown is active', async () => {
    const { app, service, store, series } = await observed()
    const [message] = await fill(app, 1)
    service.faults.set({ storeDown: true, expiresInSeconds: 60 })
    expect((await post(app, hello)).statusCode).toBe(503)
    expect((await get(app)).statusCode).toBe(503)
    service.faults.clear()
    expect((await get(app)).json()).toEqual({ messages: [message], nextCursor: null })
    expect(await store.list({ limit: 5 })).toHaveLength(1)
    expect(await series('guestbook_store_operation_duration_seconds_count')).toEqual({
      'operation="create",outcome="ok"': 1,
      'operation="create",outcome="unavailable"': 1,
      'operation="list",outcome="unavailable"': 1,
      'operation="list",outcome="ok"': 1
    })
  })
})
