import { describe, expect, test } from '@jest/globals'
import { invalidInput, ProblemError } from '../src/index.ts'
import { problem } from '../testing/index.ts'
import { build } from './helper.ts'

const TRACE_ID = '0af7651916cd43dd8448eb211c80319c'
const headers = { traceparent: `00-${TRACE_ID}-b7ad6b7169203331-01` }
const traced = { traceId: TRACE_ID }
const INTERNAL = problem(500, 'Internal error',
  'Something went wrong on our side. Quote the traceId when you report it.', traced)

/** The response of a route that throws `error`. */
async function answerTo (error: unknown) {
  const { app, service } = await build({
    routes: app => app.get('/fails', async () => await Promise.reject(error))
  })
  const response = await app.inject({ url: '/fails', headers })
  return { response, body: response.json(), lines: service.lines }
}

test('a problem has the members of its kind', async () => {
  const { response, body } = await answerTo(
    new ProblemError(409, 'gone-by', 'It is over.', { extensions: { endedAt: 'noon' } })
  )
  expect(body).toEqual({
    type: 'urn:guestbook:problem:gone-by',
    title: 'Gone by',
    status: 409,
    detail: 'It is over.',
    traceId: TRACE_ID,
    endedAt: 'noon'
  })
  expect(response.headers['content-type']).toBe('application/problem+json')
})

describe('an unexpected error', () => {
  test('gives the client only a traceId, and logs the details', async () => {
    const message = 'connect ECONNREFUSED mongodb://admin:hunter2@10.0.0.7'
    const { response, body, lines } = await answerTo(new Error(message))
    expect(response.statusCode).toBe(500)
    expect(response.headers['content-type']).toBe('application/problem+json')
    expect(body).toEqual(INTERNAL)
    const err = expect.objectContaining({ message })
    expect(lines).toContainEqual(
      expect.objectContaining({ level: 'error', msg: 'request failed', trace_id: TRACE_ID, err })
    )
  })

  test.each([
    [Object.assign(new Error('upstream 10.0.0.7 broke'), { statusCode: 502 })],
    ['a text'],
    [{ some: 'object' }],
    [42]
  ])('is 500 for any 5xx status, and if it is not an Error: %p', async error => {
    const { response, body } = await answerTo(error)
    expect([response.statusCode, body]).toEqual([500, INTERNAL])
  })

  test('with a 4xx status keeps status and reason, and is not logged as a failure', async () => {
    const { body, lines } = await answerTo(
      Object.assign(new Error('Too large for me.'), { statusCode: 413 })
    )
    expect(body).toEqual(problem(413, 'Payload too large', 'Too large for me.', traced))
    expect(lines.map(({ msg }) => msg)).toEqual(['request'])
  })
})

test('a problem thrown by a route is sent unchanged, with Retry-After', async () => {
  const { response, body, lines } = await answerTo(
    new ProblemError(503, 'store-unavailable', 'Come back later.', { retryAfterSeconds: 2 })
  )
  expect([response.statusCode, response.headers['retry-after']]).toEqual([503, '2'])
  expect(body).toEqual(problem(503, 'Store unavailable', 'Come back later.', traced))
  expect(lines).toContainEqual(expect.objectContaining({ level: 'error', msg: 'request failed' }))
})

test('an error of the service is translated', async () => {
  const outOfRange = new ProblemError(422, 'out-of-range', 'Out of range.')
  const { app } = await build({
    translate: error => error instanceof RangeError ? outOfRange : undefined,
    routes: app => {
      app.get('/known', async () => { throw new RangeError('inner words') })
      app.get('/unknown', async () => { throw new TypeError('inner words') })
    }
  })
  const known = (await app.inject('/known')).json()
  expect(known).toMatchObject({ status: 422, detail: 'Out of range.' })
  expect((await app.inject('/unknown')).json()).toMatchObject({ status: 500 })
})

test('an unknown route is a 404 problem without the query', async () => {
  const { app } = await build()
  const response = await app.inject({ method: 'DELETE', url: '/nothing?token=secret', headers })
  expect(response.json())
    .toEqual(problem(404, 'Not found', 'No route for DELETE /nothing.', traced))
})

test.each(['/%zz', '/%c3%28', '/a%'])('the undecodable path %s gets a problem', async url => {
  const { app } = await build()
  const response = await app.inject({ url, headers })
  expect(response.statusCode).toBe(404)
  expect(response.json()).toMatchObject({ status: 404, traceId: TRACE_ID })
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

  async function post (payload: object | string, url = '/', more: Record<string, string> = {}) {
    const { app } = await build({ routes: app => app.post('/', { schema }, async () => ({})) })
    const response = await app.inject({
      method: 'POST', url, headers: { ...headers, ...more }, payload
    })
    return { status: response.statusCode, body: response.json() }
  }

  test('is listed value by value, with pointers into the body', async () => {
    const errors = [
      { pointer: '#/name', detail: 'is missing' },
      { pointer: '#/extra', detail: 'is not a known field' },
      { pointer: '#/a~1b~0c%20d%EF%BF%BD', detail: 'is not a known field' },
      { pointer: '#/text', detail: 'must be at most 3 characters long' },
      { pointer: '#/at/y', detail: 'is missing' },
      { pointer: '#/at/x', detail: 'must be integer' }
    ]
    const detail = 'Some values are invalid; errors lists each of them.'
    const body = problem(400, 'Invalid input', detail, { ...traced, errors })
    expect(await post({ text: 'four', at: { x: 'one' }, extra: 1, 'a/b~c d\ud800': 2 }))
      .toEqual({ status: 400, body })
  })

  test('is listed up to twenty times', async () => {
    const fields = Array.from({ length: 1000 }, (_, n) => [`x${n}`, n])
    expect((await post(Object.fromEntries(fields))).body.errors).toHaveLength(20)
  })

  test.each<[string, Parameters<typeof post>, object]>([
    ['an empty text', [{ name: '' }], { pointer: '#/name', detail: 'must not be empty' }],
    ['an array', [[]], { pointer: '#', detail: 'must be object' }],
    ['a number for a text', [{ name: 5 }], { pointer: '#/name', detail: 'must be string' }],
    [
      'a query parameter',
      [{ name: 'a' }, '/?limit=99'],
      { parameter: 'limit', detail: 'must be <= 10' }
    ],
    [
      'a header',
      [{ name: 'a' }, '/', { 'x-key': 'no' }],
      { header: 'x-key', detail: 'must match pattern "^k"' }
    ]
  ])('is named with the reason: %s', async (_what, request, error) => {
    expect((await post(...request)).body.errors).toEqual([error])
  })

  test.each([
    ['malformed JSON', 'application/json', '{"name":', 400, 'bad-request'],
    ['an empty body', 'application/json', '', 400, 'invalid-input'],
    ['a prototype', 'application/json', '{"__proto__":{}}', 400, 'bad-request'],
    ['another type', 'application/xml', '<a/>', 415, 'unsupported-media-type'],
    ['a large body', 'application/json', `"${'x'.repeat(65_536)}"`, 413, 'payload-too-large']
  ])('is rejected with a reason: %s', async (_what, type, payload, expected, kind) => {
    const { status, body } = await post(payload, '/', { 'content-type': type })
    expect([status, body.type]).toEqual([expected, `urn:guestbook:problem:${kind}`])
  })

  test('found by a route has the same format', () => {
    const errors = [{ parameter: 'cursor', detail: 'is forged' }]
    expect(invalidInput(errors))
      .toMatchObject({ statusCode: 400, kind: 'invalid-input', options: { errors } })
  })
})
