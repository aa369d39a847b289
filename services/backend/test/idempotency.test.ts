import { createHash } from 'node:crypto'
import { describe, expect, test } from '@jest/globals'
import { expectProblem, get, hello, post } from './api.ts'
import { build } from './helper.ts'

test('a post repeated with its key gets the first response and Idempotency-Replayed', async () => {
  const { app } = await build()
  const first = await post(app, hello, { 'idempotency-key': 'key' })
  const second = await post(app, hello, { 'idempotency-key': 'key' })
  expect([first.statusCode, second.statusCode]).toEqual([201, 201])
  expect(second.json()).toEqual(first.json())
  expect(second.headers).toMatchObject({
    location: first.headers.location,
    'idempotency-replayed': 'true'
  })
  expect(first.headers).not.toHaveProperty('idempotency-replayed')
  expect((await get(app)).json()).toEqual({ messages: [first.json()], nextCursor: null })
})

test('fifty concurrent posts with one key are one message', async () => {
  const { app } = await build()
  const responses = await Promise.all(
    Array.from({ length: 50 }, async () => await post(app, hello, { 'idempotency-key': 'key' }))
  )
  expect(new Set(responses.map(({ statusCode, body }) => `${statusCode} ${body}`)).size).toBe(1)
  expect(
    responses.filter(({ headers }) => headers['idempotency-replayed'] === 'true')
  ).toHaveLength(49)
  expect((await get(app)).json()).toEqual({ messages: [responses[0]!.json()], nextCursor: null })
})

test('texts with the same normalised form are the same', async () => {
  const { app } = await build()
  const first = await post(
    app,
    { name: 'Zoë', message: 'Hello\nyou' },
    { 'idempotency-key': 'key' }
  )
  const second = await post(
    app,
    { name: ' Zoe\u0308\u0000 ', message: '\u202EHello\r\nyou ' },
    { 'idempotency-key': 'key' }
  )
  expect(second.statusCode).toBe(201)
  expect(second.json()).toEqual(first.json())
})

describe('with an Idempotency-Scope', () => {
  const scope = { 'idempotency-scope': 'sender-1' }

  test('texts with the same normalised form are one message', async () => {
    const { app } = await build()
    const first = await post(app, { name: 'Zoë', message: 'Hello\nyou' }, scope)
    const second = await post(
      app, { name: ' Zoe\u0308\u0000 ', message: '\u202EHello\r\nyou ' }, scope
    )
    expect([first.statusCode, second.statusCode, second.json()]).toEqual([201, 201, first.json()])
    expect(second.headers['idempotency-replayed']).toBe('true')
  })

  test('another text or another scope is another message', async () => {
    const { app } = await build()
    await post(app, hello, scope)
    for (const [payload, headers] of [
      [{ ...hello, message: 'Hello!' }, scope],
      [{ ...hello, name: 'Anna' }, scope],
      [hello, { 'idempotency-scope': 'sender-2' }]
    ] as const) {
      const { statusCode, headers: { 'idempotency-replayed': replayed } } =
        await post(app, payload, headers)
      expect([statusCode, replayed]).toEqual([201, undefined])
    }
    expect((await get(app)).json().messages).toHaveLength(4)
  })

  test('a key takes precedence', async () => {
    const { app } = await build()
    const first = await post(app, hello, { ...scope, 'idempotency-key': 'key-1' })
    const other = await post(app, hello, { ...scope, 'idempotency-key': 'key-2' })
    expect(other.json().id).not.toBe(first.json().id)
  })

  test('the key is the hash that earlier releases sent', async () => {
    const { app } = await build()
    const key = createHash('sha256').update('["sender-1","Ann","Hello"]').digest('base64url')
    const first = await post(app, hello, { 'idempotency-key': key })
    expect((await post(app, hello, scope)).json()).toEqual(first.json())
  })

  test.each(['', 'ü', 'x'.repeat(256)])('%j is rejected', async value => {
    const { app } = await build()
    expectProblem(await post(app, hello, { 'idempotency-scope': value }), {
      status: 400,
      kind: 'invalid-input',
      errors: [{ header: 'idempotency-scope', detail: expect.any(String) }]
    })
  })
})

test('a key of another message is rejected, and nothing is stored', async () => {
  const { app } = await build()
  const first = await post(app, hello, { 'idempotency-key': 'key' })
  expectProblem(await post(app, { ...hello, message: 'Goodbye' }, { 'idempotency-key': 'key' }), {
    status: 422,
    kind: 'idempotency-key-reused',
    detail: 'This Idempotency-Key was used for another message. Use a new key for a new message.',
    errors: [{ header: 'idempotency-key', detail: 'was used for another message' }]
  })
  expect((await get(app)).json()).toEqual({ messages: [first.json()], nextCursor: null })
})

test('a key of a rejected post can be used again', async () => {
  const { app } = await build()
  expect(
    (await post(app, { ...hello, message: '' }, { 'idempotency-key': 'key' })).statusCode
  ).toBe(400)
  const accepted = await post(app, hello, { 'idempotency-key': 'key' })
  expect(accepted.statusCode).toBe(201)
  expect(accepted.headers).not.toHaveProperty('idempotency-replayed')
})

test.each(
  ['!', '~'.repeat(255), '{"$ne":null}', "' OR 1=1 --"].map(key => [key.replaceAll(' ', '_')])
)('the key %s works', async key => {
  const { app } = await build()
  const first = await post(app, hello, { 'idempotency-key': key })
  const second = await post(app, hello, { 'idempotency-key': key })
  expect([first.statusCode, second.json()]).toEqual([201, first.json()])
  expect((await post(app, hello, { 'idempotency-key': 'other' })).json().id).not.toBe(
    first.json().id
  )
})
