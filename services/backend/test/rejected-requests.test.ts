import { describe, expect, test } from '@jest/globals'
import {
  expectProblem,
  fill,
  get,
  hello,
  MESSAGES,
  post,
  TOKEN,
  UNKNOWN_ID,
  type ExpectedProblem
} from './api.ts'
import { build, buildOnce } from './helper.ts'

const shared = buildOnce({ env: { RATE_LIMIT_POSTS: '1000000', MODERATOR_TOKEN: TOKEN } })

const invalid = (...errors: object[]): ExpectedProblem => ({
  status: 400,
  kind: 'invalid-input',
  detail: 'Some values are invalid; errors lists each of them.',
  errors
})
const malformed: ExpectedProblem = { status: 400, kind: 'bad-request' }
const twice = (pointer: string): ExpectedProblem => ({
  ...invalid({ pointer, detail: 'was sent more than once' }),
  detail: 'A field was sent more than once.'
})
const notAnObject = invalid({ pointer: '#', detail: 'must be object' })

describe('a body', () => {
  test.each<[string, string | Buffer, ExpectedProblem]>([
    ['that is empty', '', notAnObject],
    ['that breaks off', '{"name":"Ann","message":"Hel', malformed],
    ['with trailing data', '{"name":"Ann","message":"Hello"} {}', malformed],
    ['in single quotes', "{'name':'Ann','message':'Hello'}", malformed],
    ['with a raw newline in a string', '{"name":"Ann","message":"Hello\nyou"}', malformed],
    [
      'that is not UTF-8',
      Buffer.from('{"name":"Ann","message":"Caf\xe9"}', 'latin1'),
      { ...malformed, detail: 'The body is not valid UTF-8.' }
    ],
    [
      'with a surrogate in UTF-8',
      Buffer.from([
        ...Buffer.from('{"name":"Ann","message":"'),
        0xed,
        0xa0,
        0x80,
        ...Buffer.from('"}')
      ]),
      { ...malformed, detail: 'The body is not valid UTF-8.' }
    ],
    ['that is null', 'null', notAnObject],
    ['that is an array', '[{"name":"Ann","message":"Hello"}]', notAnObject],
    ['that is a string', '"Hello"', notAnObject],
    ['that is a number', '42', notAnObject],
    [
      'without fields',
      '{}',
      invalid(
        { pointer: '#/name', detail: 'is missing' },
        { pointer: '#/message', detail: 'is missing' }
      )
    ],
    ['without a name', '{"message":"Hello"}', invalid({ pointer: '#/name', detail: 'is missing' })],
    [
      'with an unknown field',
      '{"name":"Ann","message":"Hello","id":"1"}',
      invalid({ pointer: '#/id', detail: 'is not a known field' })
    ],
    ['with a field twice', '{"name":"Ann","message":"Hello","name":"Bob"}', twice('#/name')],
    [
      'with a field twice, once escaped',
      '{"name":"Ann","message":"Hello","messag\\u0065":"Bye"}',
      twice('#/message')
    ],
    ['with a prototype', '{"name":"Ann","message":"Hello","__proto__":{"hidden":true}}', malformed],
    [
      'with an escaped __proto__',
      '{"name":"Ann","message":"Hello","__pr\\u006fto__":{"hidden":true}}',
      malformed
    ],
    [
      'with constructor.prototype',
      '{"name":"Ann","message":"Hello","constructor":{"prototype":{"hidden":true}}}',
      malformed
    ],
    [
      'with a constructor',
      '{"name":"Ann","message":"Hello","constructor":"x"}',
      invalid({ pointer: '#/constructor', detail: 'is not a known field' })
    ],
    [
      'with a long field name',
      `{"name":"Ann","message":"Hello","${'ü'.repeat(9000)}":1}`,
      invalid({ pointer: `#/${'%C3%BC'.repeat(40)}`, detail: 'is not a known field' })
    ],
    [
      'with a long field name twice',
      `{"${'</'.repeat(9000)}":1,"${'</'.repeat(9000)}":1}`,
      twice(`#/${'%3C~1'.repeat(20)}`)
    ],
    [
      'with 101 fields',
      JSON.stringify(Object.fromEntries(Array.from({ length: 101 }, (_, i) => [`f${i}`, 1]))),
      {
        ...malformed,
        kind: 'invalid-input',
        detail: "The body has more than 100 fields. Send those of the API's description."
      }
    ],
    [
      'nested a thousand deep',
      `{"name":"Ann","message":${'['.repeat(1000)}${']'.repeat(1000)}}`,
      invalid({ pointer: '#/message', detail: 'must be string' })
    ]
  ])('%s is rejected, and nothing is stored', async (_kind, body, problem) => {
    const { app } = shared()
    expectProblem(await post(app, body), problem)
    expect((await get(app)).json()).toEqual({ messages: [], nextCursor: null })
    expect(Object.prototype).not.toHaveProperty('hidden')
  })

  test.each([
    ['of one mebibyte', JSON.stringify({ name: 'Ann', message: 'm'.repeat(1024 * 1024) })],
    ['of one byte too many', JSON.stringify({ name: 'Ann', message: '' }).padEnd(64 * 1024 + 1)]
  ])('%s is rejected before it is read', async (_kind, body) => {
    const { app } = shared()
    expectProblem(await post(app, body), { status: 413, kind: 'payload-too-large' })
    expect((await get(app)).json()).toEqual({ messages: [], nextCursor: null })
  })

  test('of exactly the maximum size is read', async () => {
    const { app } = await build()
    const body = JSON.stringify(hello).padEnd(65_536)
    expect((await post(app, body)).statusCode).toBe(201)
  })

  test('of a hundred unknown fields is rejected with twenty of them', async () => {
    const { app } = shared()
    const fields = Array.from({ length: 98 }, (_, number) => [`f${number}`, 1])
    const response = await post(app, { ...hello, ...Object.fromEntries(fields) })
    const errors = Array.from({ length: 20 }, (_, number) =>
      ({ pointer: `#/f${number}`, detail: 'is not a known field' }))
    expectProblem(response, invalid(...errors))
  })

  test.each([
    'text/plain', 'text/plain; charset=utf-8', 'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x', 'application/xml', 'application/jsonp', 'application', ''
  ])('of type %p is rejected, and nothing is stored', async type => {
    const { app } = shared()
    expectProblem(await post(app, JSON.stringify(hello), { 'content-type': type }), {
      status: 415,
      kind: 'unsupported-media-type'
    })
    expect((await get(app)).json()).toEqual({ messages: [], nextCursor: null })
  })

  test.each(['application/json; charset=utf-8', 'APPLICATION/JSON'])(
    'of type %s is accepted',
    async type => {
      const { app } = await build()
      expect((await post(app, JSON.stringify(hello), { 'content-type': type })).statusCode).toBe(
        201
      )
    }
  )
})

test.each([
  ['empty', ''],
  ['with a space', 'a b'],
  ['too long', 'k'.repeat(256)],
  ['beyond ASCII', 'schlüssel'],
  ['sent twice', 'one, two']
])('an Idempotency-Key that is %s is rejected, and nothing is stored', async (_kind, key) => {
  const { app } = shared()
  expectProblem(
    await post(app, hello, { 'idempotency-key': key }),
    invalid({ header: 'idempotency-key', detail: expect.stringMatching(/^must match pattern/) })
  )
  expect((await get(app)).json()).toEqual({ messages: [], nextCursor: null })
})

test.each(['!', '~', 'k'.repeat(255)])('an Idempotency-Key like %s is accepted', async key => {
  const { app } = await build()
  expect((await post(app, hello, { 'idempotency-key': key })).statusCode).toBe(201)
})

describe('a list', () => {
  test.each<[string, ...object[]]>([
    ['limit=0', { parameter: 'limit', detail: 'must be >= 1' }],
    ['limit=-1', { parameter: 'limit', detail: 'must be >= 1' }],
    ['limit=101', { parameter: 'limit', detail: 'must be <= 100' }],
    ['limit=abc', { parameter: 'limit', detail: 'must be integer' }],
    ['limit=1.5', { parameter: 'limit', detail: 'must be integer' }],
    ['limit=', { parameter: 'limit', detail: 'must be integer' }],
    ['limit=1&limit=2', { parameter: 'limit', detail: 'must be integer' }],
    ['offset=20', { parameter: 'offset', detail: 'is not a known field' }],
    ['__proto__=x', { parameter: '__proto__', detail: 'is not a known field' }],
    [
      'limit=0&colour=blue',
      { parameter: 'colour', detail: 'is not a known field' },
      { parameter: 'limit', detail: 'must be >= 1' }
    ],
    ['cursor=a&cursor=b', { parameter: 'cursor', detail: 'must be string' }],
    [
      `cursor=${'a'.repeat(65)}`,
      { parameter: 'cursor', detail: 'must be at most 64 characters long' }
    ]
  ])('with %s is rejected', async (query, ...errors) => {
    const { app } = shared()
    expectProblem(await get(app, `?${query}`), invalid(...errors))
  })

  const encode = (text: string) => Buffer.from(text).toString('base64url')
  test.each([
    ['that is empty', () => ''],
    ['made up', () => 'abc'],
    [
      'that is an id',
      (cursor: string) => Buffer.from(cursor, 'base64url').toString().slice('older:'.length)
    ],
    [
      'of another kind',
      (cursor: string) =>
        encode(Buffer.from(cursor, 'base64url').toString().replace('older', 'newer'))
    ],
    ['with a malformed id', () => encode('older:not-an-id')],
    ['with an id of another version', () => encode(`older:${UNKNOWN_ID.replace('-7', '-4')}`)],
    ['with an operator', () => encode('older:{"$gt":""}')],
    ['with trailing data', (cursor: string) => `${cursor}AA`],
    ['with padding', (cursor: string) => `${cursor}=`],
    [
      'with characters that decoders skip',
      (cursor: string) => `${cursor.slice(0, 4)}!${cursor.slice(4)}`
    ]
  ])('with a cursor %s is rejected', async (_kind, forge) => {
    const { app } = await build()
    await fill(app, 2)
    const { nextCursor } = (await get(app, '?limit=1')).json()
    expectProblem(
      await get(app, `?cursor=${encodeURIComponent(forge(nextCursor))}`),
      invalid({
        parameter: 'cursor',
        detail: 'is not a valid cursor; omit it to start with the newest message'
      })
    )
  })
})

describe('an id', () => {
  test.each([
    '1',
    'undefined',
    'not-an-id',
    '%00',
    "'%20OR%201=1",
    '{"$ne":null}',
    `${UNKNOWN_ID}0`,
    UNKNOWN_ID.replaceAll('-', ''),
    'x'.repeat(5000)
  ])('like %p is rejected as malformed', async id => {
    const { app } = shared()
    const problem = invalid({ parameter: 'id', detail: 'must match format "uuid"' })
    expectProblem(await get(app, `/${encodeURI(decodeURI(id))}`), problem)
    expectProblem(
      await app.inject({
        method: 'POST',
        url: `${MESSAGES}/${encodeURI(decodeURI(id))}/hide`,
        headers: { authorization: `Bearer ${TOKEN}` }
      }),
      problem
    )
  })
})

test.each([
  ['GET', '/'],
  ['GET', '/api/v1/message'],
  ['GET', `${MESSAGES}/../../../etc/passwd`],
  ['POST', `${MESSAGES}/${UNKNOWN_ID}/remove`],
  ['GET', '/metrics'],
  ['PUT', '/faults']
] as const)('%s %s is not found, and says what was asked for', async (method, url) => {
  const { app } = shared()
  expectProblem(await app.inject({ method, url }), {
    status: 404,
    kind: 'not-found',
    detail: `No route for ${method} ${new URL(url, 'http://backend').pathname}.`
  })
})

test.each([
  ['PUT', MESSAGES, 'GET, HEAD, POST'],
  ['DELETE', MESSAGES, 'GET, HEAD, POST'],
  ['OPTIONS', MESSAGES, 'GET, HEAD, POST'],
  ['TRACE', MESSAGES, 'GET, HEAD, POST'],
  ['PATCH', `${MESSAGES}/${UNKNOWN_ID}`, 'GET, HEAD'],
  ['POST', `${MESSAGES}/${UNKNOWN_ID}`, 'GET, HEAD'],
  ['QUERY', `${MESSAGES}/${UNKNOWN_ID}`, 'GET, HEAD'],
  ['GET', `${MESSAGES}/${UNKNOWN_ID}/hide`, 'POST'],
  ['POST', '/openapi.json', 'GET, HEAD']
])('%s %s is rejected with Allow: %s', async (method, url, allow) => {
  const { app } = shared()
  const response = await app.inject({ method: method as 'GET', url })
  expectProblem(response, {
    status: 405,
    kind: 'method-not-allowed',
    detail: `${method} is not supported here; use ${allow}.`
  })
  expect(response.headers.allow).toBe(allow)
})
