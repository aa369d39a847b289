import { describe, expect, test } from '@jest/globals'
import { invalidInput, ProblemError } from '../src/index.ts'
import { build } from './helper.ts'

const TRACE_ID = '0af7651916cd43dd8448eb211c80319c'
const headers = { traceparent: `00-${TRACE_ID}-b7ad6b7169203331-01` }

/** The response of a route that throws `error`. */
async function answerTo (error: unknown) {
  const { app, service } = await build({
    routes: app => app.get('/fails', async () => await Promise.reject(error))
  })
  const response = await app.inject({ url: '/fails', headers })
  return { response, lines: service.lines }
}

test('a problem has the members of its kind', async () => {
  const { response } = await answerTo(
    new ProblemError(409, 'gone-by', 'It is over.', { extensions: { endedAt: 'noon' } })
  )
  expect(response.json()).toEqual({
    type: 'urn:guestbook:problem:gone-by',
    title: 'Gone by',
    status: 409,
    detail: 'It is over.',
    traceId: TRACE_ID,
    endedAt: 'noon'
  })
})

describe('an unexpected error', () => {
  test('gives the client only a traceId, and logs the details', async () => {
    const { response, lines } = await answerTo(
      new Error('connect ECONNREFUSED mongodb://admin:hunter2@10.0.0.7')
    )
    expect(response.statusCode).toBe(500)
    expect(response.headers['content-type']).toBe('application/problem+json')
    expect(response.json()).toEqual({
      type: 'urn:guestbook:problem:internal-error',
      title: 'Internal error',
      status: 500,
      detail: 'Something went wrong on our side. Quote the traceId when you report it.',
      traceId: TRACE_ID
    })
    expect(lines).toContainEqual(
      expect.objectContaining({
        level: 'error',
        msg: 'request failed',
        trace_id: TRACE_ID,
        err: expect.objectContaining({
          message: 'connect ECONNREFUSED mongodb://admin:hunter2@10.0.0.7'
        })
      })
    )
  })

  test('is 500 for any 5xx status, and if it is not an Error', async () => {
    for (const error of [
      Object.assign(new Error('upstream 10.0.0.7 broke'), { statusCode: 502 }),
      'a text',
      { some: 'object' },
      42
    ]) {
      const { response } = await answerTo(error)
      expect(response.statusCode).toBe(500)
      expect(response.json()).toMatchObject({
        type: 'urn:guestbook:problem:internal-error',
        status: 500,
        traceId: TRACE_ID
      })
    }
  })

  test('with a 4xx status keeps status and reason, and is not logged as a failure', async () => {
    const { response, lines } = await answerTo(
      Object.assign(new Error('Too large for me.'), { statusCode: 413 })
    )
    expect(response.json()).toEqual({
      type: 'urn:guestbook:problem:payload-too-large',
      title: 'Payload too large',
      status: 413,
      detail: 'Too large for me.',
      traceId: TRACE_ID
    })
    expect(lines.map(({ msg }) => msg)).toEqual(['request'])
  })
})

test('a problem thrown by a route is sent unchanged, with Retry-After', async () => {
  const busy = new ProblemError(503, 'store-unavailable', 'Come back later.', {
    retryAfterSeconds: 2
  })
  const { response, lines } = await answerTo(busy)
  expect(response.statusCode).toBe(503)
  expect(response.headers['retry-after']).toBe('2')
  expect(response.json()).toEqual({
    type: 'urn:guestbook:problem:store-unavailable',
    title: 'Store unavailable',
    status: 503,
    detail: 'Come back later.',
    traceId: TRACE_ID
  })
  expect(lines).toContainEqual(expect.objectContaining({ level: 'error', msg: 'request failed' }))
})

test('an error of the service is translated', async () => {
  const { app } = await build({
    translate: error =>
      error instanceof RangeError
        ? new ProblemError(422, 'out-of-range', 'Out of range.')
        : undefined,
    routes: app => {
      app.get('/known', async () => { throw new RangeError('inner words') })
      app.get('/unknown', async () => { throw new TypeError('inner words') })
    }
  })
  expect((await app.inject('/known')).json()).toMatchObject({
    status: 422,
    detail: 'Out of range.'
  })
  expect((await app.inject('/unknown')).json()).toMatchObject({ status: 500 })
})

test('an unknown route is a 404 problem without the query', async () => {
  const { app } = await build()
  const response = await app.inject({ method: 'DELETE', url: '/nothing?token=secret', headers })
  expect(response.json()).toEqual({
    type: 'urn:guestbook:problem:not-found',
    title: 'Not found',
    status: 404,
    detail: 'No route for DELETE /nothing.',
    traceId: TRACE_ID
  })
})

test('an undecodable path gets a problem like any other', async () => {
  const { app } = await build()
  for (const url of ['/%zz', '/%c3%28', '/a%']) {
    const response = await app.inject({ url, headers })
    expect([url, response.statusCode, response.json()]).toEqual([
      url,
      404,
      expect.objectContaining({ status: 404, traceId: TRACE_ID })
    ])
  }
})

describe('invalid input', () => {
  const schema = {
    body: {
      type: 'object',
      properties: {
        name: { type: 'string', minLength: 1 },
        text: { type: 'string', maxLength: 3 },
        at: { type: 'object', properties: { x: { type: 'integer' } }, required: ['y'] }
      },
      required: ['name'],
      additionalProperties: false
    },
    querystring: { type: 'object', properties: { limit: { type: 'integer', maximum: 10 } } },
    headers: { type: 'object', properties: { 'x-key': { type: 'string', pattern: '^k' } } }
  } as const
  const post = async (payload: object, url = '/', more: Record<string, string> = {}) => {
    const { app } = await build({ routes: app => app.post('/', { schema }, async () => ({})) })
    const response = await app.inject({
      method: 'POST',
      url,
      headers: { ...headers, ...more },
      payload
    })
    return { status: response.statusCode, body: response.json() }
  }

  test('is listed value by value, with pointers into the body', async () => {
    expect(await post({ text: 'four', at: { x: 'one' }, extra: 1, 'a/b~c d\ud800': 2 })).toEqual({
      status: 400,
      body: {
        type: 'urn:guestbook:problem:invalid-input',
        title: 'Invalid input',
        status: 400,
        detail: 'Some values are invalid; errors lists each of them.',
        traceId: TRACE_ID,
        errors: [
          { pointer: '#/name', detail: 'is missing' },
          { pointer: '#/extra', detail: 'is not a known field' },
          { pointer: '#/a~1b~0c%20d%EF%BF%BD', detail: 'is not a known field' },
          { pointer: '#/text', detail: 'must be at most 3 characters long' },
          { pointer: '#/at/y', detail: 'is missing' },
          { pointer: '#/at/x', detail: 'must be integer' }
        ]
      }
    })
    expect((await post({ name: '' })).body.errors).toEqual([
      { pointer: '#/name', detail: 'must not be empty' }
    ])
    expect((await post([])).body.errors).toEqual([{ pointer: '#', detail: 'must be object' }])
  })

  test('is listed up to twenty times', async () => {
    const { app } = await build({ routes: app => app.post('/', { schema }, async () => ({})) })
    const response = await app.inject({
      method: 'POST',
      url: '/',
      payload: Object.fromEntries(Array.from({ length: 1000 }, (_, n) => [`x${n}`, n]))
    })
    expect(response.json().errors).toHaveLength(20)
  })

  test('is not coerced: a number is not a string', async () => {
    expect((await post({ name: 5 })).body.errors).toEqual([
      { pointer: '#/name', detail: 'must be string' }
    ])
  })

  test('in query and headers is listed by parameter and header', async () => {
    expect((await post({ name: 'a' }, '/?limit=99')).body.errors).toEqual([
      { parameter: 'limit', detail: 'must be <= 10' }
    ])
    expect((await post({ name: 'a' }, '/', { 'x-key': 'no' })).body.errors).toEqual([
      { header: 'x-key', detail: 'must match pattern "^k"' }
    ])
  })

  test('of malformed JSON or another type is rejected with a reason', async () => {
    const { app } = await build({ routes: app => app.post('/', { schema }, async () => ({})) })
    const send = async (type: string, payload: string) => {
      const { statusCode, body } = await app.inject({
        method: 'POST',
        url: '/',
        headers: { 'content-type': type },
        payload
      })
      return [statusCode, JSON.parse(body).type]
    }
    expect(await send('application/json', '{"name":')).toEqual([
      400,
      'urn:guestbook:problem:bad-request'
    ])
    expect(await send('application/json', '')).toEqual([400, 'urn:guestbook:problem:invalid-input'])
    expect(await send('application/json', '{"__proto__":{}}')).toEqual([
      400,
      'urn:guestbook:problem:bad-request'
    ])
    expect(await send('application/xml', '<a/>')).toEqual([
      415,
      'urn:guestbook:problem:unsupported-media-type'
    ])
    expect(await send('application/json', `"${'x'.repeat(64 * 1024)}"`)).toEqual([
      413,
      'urn:guestbook:problem:payload-too-large'
    ])
  })

  test('found by a route has the same format', () => {
    expect(invalidInput([{ parameter: 'cursor', detail: 'is forged' }])).toMatchObject({
      statusCode: 400,
      kind: 'invalid-input',
      errors: [{ parameter: 'cursor', detail: 'is forged' }]
    })
  })
})
