import { describe, expect, test } from '@jest/globals'
import { expectProblem, get, hello, invalid, post, type ExpectedProblem } from './api.ts'
import { build, buildOnce } from './helper.ts'

const shared = buildOnce({ env: { RATE_LIMIT_POSTS: '1000000' } })

const malformed: ExpectedProblem = { status: 400, kind: 'bad-request' }
const twice = (pointer: string): ExpectedProblem => ({
  ...invalid({ pointer, detail: 'was sent more than once' }),
  detail: 'A field was sent more than once.'
})
const missing = (pointer: string) => ({ pointer, detail: 'is missing' })
const unknown = (pointer: string) => invalid({ pointer, detail: 'is not a known field' })
const notUtf8 = { ...malformed, detail: 'The body is not valid UTF-8.' }
const notAnObject = invalid({ pointer: '#', detail: 'must be object' })

describe('a body', () => {
  test.each<[string, string | Buffer, ExpectedProblem]>([
    ['that is empty', '', notAnObject],
    ['that breaks off', '{"name":"Ann","message":"Hel', malformed],
    ['with trailing data', '{"name":"Ann","message":"Hello"} {}', malformed],
    ['in single quotes', "{'name':'Ann','message':'Hello'}", malformed],
    ['with a raw newline in a string', '{"name":"Ann","message":"Hello\nyou"}', malformed],
    ['in Latin 1', Buffer.from('{"name":"Ann","message":"Caf\xe9"}', 'latin1'), notUtf8],
    [
      'with a surrogate in UTF-8',
      Buffer.from('{"name":"Ann","message":"\xed\xa0\x80"}', 'latin1'),
      notUtf8
    ],
    ['that is null', 'null', notAnObject],
    ['that is an array', '[{"name":"Ann","message":"Hello"}]', notAnObject],
    ['that is a string', '"Hello"', notAnObject],
    ['that is a number', '42', notAnObject],
    ['without fields', '{}', invalid(missing('#/name'), missing('#/message'))],
    ['without a name', '{"message":"Hello"}', invalid(missing('#/name'))],
    ['with an unknown field', '{"name":"Ann","message":"Hello","id":"1"}', unknown('#/id')],
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
      unknown('#/constructor')
    ],
    [
      'with a long field name',
      `{"name":"Ann","message":"Hello","${'ü'.repeat(9000)}":1}`,
      unknown(`#/${'%C3%BC'.repeat(40)}`)
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

  test.each([
    'application/json; charset=utf-8', 'APPLICATION/JSON'
  ])('of type %s is accepted', async type => {
    const { app } = await build()
    const response = await post(app, JSON.stringify(hello), { 'content-type': type })
    expect(response.statusCode).toBe(201)
  })
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
