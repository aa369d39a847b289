import { expect, test } from '@jest/globals'
import {
  expectProblem, fill, get, hello, moderate, MESSAGES, post, TOKEN, UNKNOWN_ID
} from './api.ts'
import { build } from './helper.ts'

const BEARER = `Bearer ${TOKEN}`
const moderated = { env: { MODERATOR_TOKEN: TOKEN } }

test('a hidden message is invisible to visitors until it is restored', async () => {
  const { app } = await build(moderated)
  const [newest, middle, oldest] = await fill(app, 3)
  const { id } = middle!

  const hidden = await moderate(app, 'hide', id, BEARER)
  expect([hidden.statusCode, hidden.json()]).toEqual([200, { id, hidden: true, version: 1 }])
  expect((await get(app)).json()).toEqual({ messages: [newest, oldest], nextCursor: null })
  expectProblem(await get(app, `/${id}`), {
    status: 404,
    kind: 'not-found',
    detail: `There is no message ${id}, or it is hidden.`
  })

  const restored = await moderate(app, 'restore', id, BEARER)
  expect([restored.statusCode, restored.json()]).toEqual([200, { id, hidden: false, version: 2 }])
  expect((await get(app)).json()).toEqual({ messages: [newest, middle, oldest], nextCursor: null })
  expect((await get(app, `/${id}`)).json()).toEqual(middle)
})

test('repeating it changes the version only', async () => {
  const { app } = await build(moderated)
  const [{ id } = { id: '' }] = await fill(app, 1)
  let version = 0
  for (const action of ['hide', 'hide', 'restore', 'restore'] as const) {
    const { headers, ...response } = await moderate(app, action, id, BEARER)
    expect(response.json()).toEqual({ id, hidden: action === 'hide', version: ++version })
    expect(headers.etag).toBe(`"${version}"`)
  }
})

test('an action on an outdated version is rejected with the current version', async () => {
  const { app } = await build(moderated)
  const [{ id } = { id: '' }] = await fill(app, 1)
  const send = async (action: 'hide' | 'restore', ifMatch: string) =>
    await moderate(app, action, id, BEARER, { 'if-match': ifMatch })
  expect((await send('hide', '"0"')).json()).toEqual({ id, hidden: true, version: 1 })
  expectProblem(await send('restore', '"0"'), {
    status: 412,
    kind: 'version-changed',
    detail: 'The message has version 1 now. Read it again, or omit If-Match.',
    errors: [{ header: 'if-match', detail: 'is not "1"' }]
  })
  expect((await send('restore', '"999999999"')).statusCode).toBe(412)
  expect((await send('restore', '"1"')).json()).toEqual({ id, hidden: false, version: 2 })
  for (const malformed of ['2', '*', 'W/"2"', '"two"', '"2", "3"', '""', '"1000000000"']) {
    expect([malformed, (await send('hide', malformed)).statusCode]).toEqual([malformed, 400])
  }
})

test('only the author who repeats a hidden post gets 409', async () => {
  const { app, store } = await build(moderated)
  const first = await post(app, hello, { 'idempotency-key': 'key' })
  const { id, createdAt } = first.json()
  await moderate(app, 'hide', id, BEARER)

  const repeated = await post(app, hello, { 'idempotency-key': 'key' })
  expectProblem(repeated, {
    status: 409,
    kind: 'message-hidden',
    detail: `You posted this at ${createdAt}, and a moderator has hidden it. ` +
      'Nothing was stored now.',
    extensions: { createdAt }
  })
  expect(repeated.headers).toMatchObject({ 'idempotency-replayed': 'true' })
  expect(repeated.headers).not.toHaveProperty('location')
  expect(await store.list({ limit: 2, hidden: true })).toHaveLength(1)

  // Neither the key nor the text alone reveals it.
  const otherText = await post(app, { ...hello, message: 'Goodbye' }, { 'idempotency-key': 'key' })
  expectProblem(otherText, {
    status: 422,
    kind: 'idempotency-key-reused',
    errors: [expect.anything()]
  })
  for (const headers of [{}, { 'idempotency-key': 'other' }] as Array<Record<string, string>>) {
    const response = await post(app, hello, headers)
    expect([response.statusCode, response.headers.location]).toEqual([
      201,
      `${MESSAGES}/${response.json().id}`
    ])
    expect(response.json().id).not.toBe(id)
  }

  await moderate(app, 'restore', id, BEARER)
  const restored = await post(app, hello, { 'idempotency-key': 'key' })
  expect([restored.statusCode, restored.json()]).toEqual([201, first.json()])
})

test('every moderation is logged for audit, without the text', async () => {
  const { app, service } = await build(moderated)
  const { id } = (await post(app, { name: 'Secretname', message: 'Secrettext' })).json()
  for (const action of ['hide', 'restore'] as const) {
    await app.inject({
      method: 'POST',
      url: `${MESSAGES}/${id}/${action}`,
      headers: { authorization: BEARER },
      remoteAddress: '192.0.2.7'
    })
  }
  const audit = (action: string) => ({
    level: 'info',
    time: expect.any(String),
    service: 'guestbook-backend',
    trace_id: expect.stringMatching(/^[0-9a-f]{32}$/),
    span_id: expect.stringMatching(/^[0-9a-f]{16}$/),
    audit: true,
    action,
    message_id: id,
    client: '192.0.2.7',
    msg: 'message moderated'
  })
  expect(service.lines.filter(line => line.audit)).toEqual([audit('hide'), audit('restore')])
  expect(JSON.stringify(service.lines)).not.toMatch(/Secret|moderator-token/)
})

const NO_TOKEN = 'Send the token as "Authorization: Bearer <token>".'
const WRONG_TOKEN = 'The bearer token is wrong.'

test.each([
  ['no token', undefined, NO_TOKEN],
  ['an empty one', 'Bearer ', NO_TOKEN],
  ['another scheme', `Basic ${Buffer.from(`:${TOKEN}`).toString('base64')}`, NO_TOKEN],
  ['the token alone', TOKEN, NO_TOKEN],
  ['a wrong one', 'Bearer wrong-wrong-wrong-wrong', WRONG_TOKEN],
  ['a part of it', `Bearer ${TOKEN.slice(0, -1)}`, WRONG_TOKEN],
  ['more than it', `Bearer ${TOKEN}x`, WRONG_TOKEN]
])('with %s nothing is moderated, and it is logged', async (_kind, authorization, detail) => {
  const { app, service } = await build(moderated)
  const [message] = await fill(app, 1)
  for (const action of ['hide', 'restore'] as const) {
    const response = await moderate(app, action, message!.id, authorization)
    expectProblem(response, { status: 401, kind: 'unauthorized', detail })
  }
  expect((await get(app)).json()).toEqual({ messages: [message], nextCursor: null })
  const rejected = { level: 'warn', client: '127.0.0.1', msg: 'bearer token rejected' }
  expect(service.lines.filter(line => line.audit)).toMatchObject([
    { ...rejected, route: `${MESSAGES}/:id/hide` },
    { ...rejected, route: `${MESSAGES}/:id/restore` }
  ])
  expect(JSON.stringify(service.lines)).not.toMatch(/moderator-token|wrong-wrong/)
})

test.each([
  ['no token', {}, 401],
  ['a wrong one', { authorization: 'Bearer wrong-wrong-wrong-wrong' }, 401],
  ['the token', { authorization: BEARER }, 400]
])('with %s, the token is checked before validation', async (_kind, sent, status) => {
  const { app } = await build(moderated)
  const statusOf = async (path: string, more: object) => (await app.inject({
    method: 'POST', url: `${MESSAGES}/${path}`, headers: { ...sent, ...more }
  })).statusCode
  expect(await statusOf(`${UNKNOWN_ID}/hide`, { 'if-match': '*' })).toBe(status)
  expect(await statusOf('not-an-id/restore', {})).toBe(status)
})

test('without a configured token moderation is disabled', async () => {
  const { app } = await build()
  const [message] = await fill(app, 1)
  for (const authorization of [undefined, BEARER, 'Bearer undefined']) {
    expectProblem(await moderate(app, 'hide', message!.id, authorization), {
      status: 403,
      kind: 'not-enabled',
      detail: 'This is disabled: MODERATOR_TOKEN is not set.'
    })
  }
  expect((await get(app)).json()).toEqual({ messages: [message], nextCursor: null })
})

test('a message that does not exist cannot be moderated', async () => {
  const { app, service } = await build(moderated)
  expectProblem(await moderate(app, 'hide', UNKNOWN_ID, BEARER), {
    status: 404,
    kind: 'not-found',
    detail: `There is no message ${UNKNOWN_ID}, or it is hidden.`
  })
  expect(service.lines.filter(line => line.audit)).toEqual([])
})

test.each([
  undefined, 'application/json', 'application/json; charset=utf-8',
  'application/x-www-form-urlencoded', 'text/plain', 'nonsense'
])('a moderation without a body works with any type: %s', async type => {
  const { app } = await build(moderated)
  const [{ id } = { id: '' }] = await fill(app, 1)
  for (const length of [{}, { 'content-length': '0' }]) {
    const headers = { ...(type !== undefined && { 'content-type': type }), ...length }
    const response = await moderate(app, 'hide', id, BEARER, headers as Record<string, string>)
    expect(response.json()).toMatchObject({ id, hidden: true })
  }
})

test('an id is accepted in upper case and as a URN, and returned in canonical form', async () => {
  const { app } = await build(moderated)
  const [message] = await fill(app, 1)
  const { id } = message!
  const mixedCase = id.replace(/[a-f]/, letter => letter.toUpperCase())
  for (const form of [id.toUpperCase(), mixedCase, `urn:uuid:${id}`]) {
    expect((await get(app, `/${form}`)).json()).toEqual(message)
    for (const action of ['hide', 'restore'] as const) {
      const moderated = (await moderate(app, action, form, BEARER)).json()
      expect(moderated).toMatchObject({ id, hidden: action === 'hide' })
    }
  }
})
