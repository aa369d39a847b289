import { describe, expect, test } from '@jest/globals'
import {
  expectProblem, fill, get, hello, MESSAGES, moderate, post, TOKEN, UNKNOWN_ID
} from './api.ts'
import { fakeStore } from './fake-store.ts'
import { build } from './helper.ts'

const TRACE_ID = '4bf92f3577b34da6a3ce929d0e0e4736'
const TRACEPARENT = `00-${TRACE_ID}-00f067aa0ba902b7-01`

describe('the reference of a problem', () => {
  test('is the trace of a trusted caller, and the same in the log', async () => {
    const { app, service } = await build({ env: { TRUST_PROXY: 'loopback' } })
    const response = await get(app, `/${UNKNOWN_ID}`, { traceparent: TRACEPARENT })
    expect(response.json()).toEqual({
      type: 'urn:guestbook:problem:not-found',
      title: 'Not found',
      status: 404,
      detail: `There is no message ${UNKNOWN_ID}, or it is hidden.`,
      traceId: TRACE_ID
    })
    expect(service.lines).toEqual([{
      level: 'info',
      time: expect.any(String),
      service: 'guestbook-backend',
      trace_id: TRACE_ID,
      span_id: expect.stringMatching(/^[0-9a-f]{16}$/),
      method: 'GET',
      route: `${MESSAGES}/:id`,
      status_code: 404,
      duration_ms: expect.any(Number),
      msg: 'request'
    }])
  })

  test.each([
    ['none is sent', undefined],
    ['the caller is not trusted', TRACEPARENT],
    ['it is malformed', 'not-a-traceparent'],
    ['its id is all zeros', `00-${'0'.repeat(32)}-00f067aa0ba902b7-01`],
    ['it contains a log injection', `${TRACE_ID}\\n{"level":"fatal"}`]
  ])('is new if %s', async (_why, traceparent) => {
    const { app, service } = await build()
    const seen = new Set<string>()
    for (let time = 0; time < 3; time++) {
      const response = await get(
        app,
        `/${UNKNOWN_ID}`,
        traceparent === undefined ? {} : { traceparent }
      )
      expectProblem(response, { status: 404, kind: 'not-found' })
      seen.add(response.json().traceId)
    }
    expect(seen.size).toBe(3)
    expect(service.lines.map(line => line.trace_id)).toEqual([...seen])
  })
})

describe('the log', () => {
  test('has no text of any message, accepted or rejected', async () => {
    const { app, service } = await build()
    const secret = { name: 'Secretname', message: 'Secrettext' }
    await post(app, secret, { 'idempotency-key': 'key' })
    await post(app, secret, { 'idempotency-key': 'key' })
    await post(app, { ...secret, message: 'Secretother' }, { 'idempotency-key': 'key' })
    await post(app, { ...secret, Secretfield: 'Secretvalue' })
    await post(app, `{"name":"Secretname","message":"Secret${'text'.repeat(300)}"}`)
    await post(app, '{"name":"Secretname","message":"Secretbroken')
    await post(app, 'Secretplain', { 'content-type': 'text/plain' })
    await get(app)
    expect(service.lines.map(({ status_code: status }) => status)).toEqual([
      201, 201, 422, 400, 400, 400, 415, 200
    ])
    expect(JSON.stringify(service.lines)).not.toContain('Secret')
  })

  test('has one line per request; only successful reads are debug', async () => {
    const { app, service } = await build()
    await fill(app, 1)
    await get(app)
    await get(app, '?limit=0')
    await app.inject('/health')
    await app.inject('/nowhere')
    expect(
      service.lines.map(({ level, msg, method, route, status_code: status }) => [
        level, msg, method, route, status
      ])
    ).toEqual([
      ['info', 'request', 'POST', MESSAGES, 201],
      ['debug', 'request', 'GET', MESSAGES, 200],
      ['info', 'request', 'GET', MESSAGES, 400],
      ['info', 'request', 'GET', 'not_found', 404]
    ])
  })
})

const requests: Array<
  [string, (app: Awaited<ReturnType<typeof build>>['app']) => ReturnType<typeof get>]
> = [
  ['posting', async app => await post(app, hello)],
  ['listing', async app => await get(app)],
  ['reading on', async app => await get(app, '?limit=5')],
  ['reading one', async app => await get(app, `/${UNKNOWN_ID}`)],
  ['hiding', async app => await moderate(app, 'hide', UNKNOWN_ID, `Bearer ${TOKEN}`)],
  ['restoring', async app => await moderate(app, 'restore', UNKNOWN_ID, `Bearer ${TOKEN}`)]
]

describe('while the store is down', () => {
  test.each(requests)('%s gets 503 with Retry-After', async (_what, request) => {
    const { app, service } = await build({ store: fakeStore(), env: { MODERATOR_TOKEN: TOKEN } })
    const response = await request(app)
    expectProblem(response, {
      status: 503,
      kind: 'store-unavailable',
      detail: 'The store is unavailable. Try again with the same Idempotency-Key.'
    })
    expect(response.headers['retry-after']).toBe('2')
    expect(response.body).not.toMatch(/ECONNREFUSED|10\.0\.0\.7|internal|\.ts|node_modules/)
    expect(
      service.lines
        .filter(({ level }) => level === 'error')
        .map(({ msg, trace_id: id }) => [msg, id])
    ).toEqual([['request failed', response.json().traceId], ['request', response.json().traceId]])
    expect(JSON.stringify(service.lines)).toContain('ECONNREFUSED')
    expect(JSON.stringify(service.lines)).not.toContain(hello.message)
  })

  test('the service is alive but not ready', async () => {
    const { app, management } = await build({ store: fakeStore() })
    for (const listener of [app, management]) {
      for (const path of ['/health', '/health/live']) {
        const alive = await listener.inject(path)
        expect([alive.statusCode, alive.json()]).toEqual([200, { status: 'ok' }])
      }
      for (const path of ['/ready', '/health/ready']) {
        const ready = await listener.inject(path)
        expect([ready.statusCode, ready.json()]).toEqual([
          503,
          { status: 'unready', problems: ['store'] }
        ])
      }
    }
  })
})

describe('on an unexpected error', () => {
  const broken = async () => { throw new Error('SELECT secret FROM internals') }

  test.each(requests)(
    '%s gets 500 with a traceId, and the log has the details',
    async (_what, request) => {
      const { app, service } = await build({
        store: fakeStore({ create: broken, list: broken, get: broken, setHidden: broken }),
        env: { MODERATOR_TOKEN: TOKEN }
      })
      const response = await request(app)
      expectProblem(response, {
        status: 500,
        kind: 'internal-error',
        detail: 'Something went wrong on our side. Quote the traceId when you report it.'
      })
      expect(response.body).not.toMatch(/SELECT|internals|\.ts|node_modules/)
      expect(service.lines.find(({ msg }) => msg === 'request failed')).toMatchObject({
        level: 'error',
        trace_id: response.json().traceId,
        err: {
          message: 'SELECT secret FROM internals',
          stack: expect.stringContaining('problems.test.ts')
        }
      })
    }
  )
})

test('a ready service is ready on both ports', async () => {
  const { app, management } = await build()
  for (const listener of [app, management]) {
    const ready = await listener.inject('/ready')
    expect([ready.statusCode, ready.json()]).toEqual([200, { status: 'ready' }])
  }
})
