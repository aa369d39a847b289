import { expect, test } from '@jest/globals'
import { expectProblem, get, hello, post } from './api.ts'
import { build } from './helper.ts'

test('a post repeated with its key gets the first answer again and says so', async () => {
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

test('fifty posts at once with one key make one message', async () => {
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

test('texts that are stored alike count as the same', async () => {
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

test('a key that was used for another message is refused, and nothing is stored', async () => {
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

test('a key whose post was refused is still free', async () => {
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
)('the key %s is as good as any', async key => {
  const { app } = await build()
  const first = await post(app, hello, { 'idempotency-key': key })
  const second = await post(app, hello, { 'idempotency-key': key })
  expect([first.statusCode, second.json()]).toEqual([201, first.json()])
  expect((await post(app, hello, { 'idempotency-key': 'other' })).json().id).not.toBe(
    first.json().id
  )
})
