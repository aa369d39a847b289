import { expect, test } from '@jest/globals'
import { A_REFERENCE, buildBoth } from './helper.ts'
import { formOn, messagesOn, olderOn, referenceOn, titleOn } from './html.ts'

const HTML = { 'content-type': 'text/html; charset=utf-8' }
const KEPT = { 'cache-control': 'private, no-cache' }
const ISO = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/

/** A guestbook with messages 1, 2 … in this order. */
async function withMessages (count: number) {
  const services = await buildBoth()
  for (let i = 1; i <= count; i++) {
    await services.backend.store.create({ name: `Guest ${i}`, message: `Message ${i}` })
  }
  return services
}

const texts = (html: string) => messagesOn(html).map(({ message }) => message)
const numbered = (from: number, to: number) =>
  Array.from({ length: from - to + 1 }, (_, i) => `Message ${from - i}`)

test('an empty guestbook has the form and no links to older messages', async () => {
  const { visitor } = await withMessages(0)
  const { statusCode, headers, body } = await visitor.get()
  expect(statusCode).toBe(200)
  expect(headers).toMatchObject({ ...HTML, ...KEPT })
  expect(body).toContain('Nobody has written yet.')
  expect(formOn(body)).toEqual({
    name: '',
    message: '',
    errors: { name: undefined, message: undefined },
    alert: undefined
  })
  expect([olderOn(body), referenceOn(body)]).toEqual([undefined, undefined])
})

test('messages are listed newest first, with author, time and id', async () => {
  const { visitor, backend } = await withMessages(3)
  const kept = await backend.store.list({ limit: 10 })
  const shown = messagesOn((await visitor.get()).body)
  expect(shown).toEqual(kept.map(({ id, name, message, createdAt }) =>
    ({ id, name, message, at: createdAt.toISOString() })))
  expect(shown.map(({ name, at }) => [name, at])).toEqual(
    [3, 2, 1].map(i => [`Guest ${i}`, expect.stringMatching(ISO)])
  )
})

test('one full page has no link to older messages', async () => {
  const { visitor } = await withMessages(20)
  const { body } = await visitor.get()
  expect(texts(body)).toEqual(numbered(20, 1))
  expect(olderOn(body)).toBeUndefined()
})

test('links lead to all older messages in order, while new ones arrive', async () => {
  const { visitor, backend } = await withMessages(45)
  const first = (await visitor.get()).body
  expect(texts(first)).toEqual(numbered(45, 26))
  await backend.store.create({ name: 'New', message: 'Message 46' })
  const second = (await visitor.get(olderOn(first))).body
  expect(texts(second)).toEqual(numbered(25, 6))
  const last = (await visitor.get(olderOn(second))).body
  expect(texts(last)).toEqual(numbered(5, 1))
  expect(olderOn(last)).toBeUndefined()
})

test('a page of older messages links to the newest and has no form', async () => {
  const { visitor } = await withMessages(21)
  const { body, headers } = await visitor.get(olderOn((await visitor.get()).body))
  expect(titleOn(body)).toBe('Older messages')
  expect(formOn(body)).toBeUndefined()
  expect(body).toContain('<a href="/">')
  expect(headers).toMatchObject(KEPT)
})

test('an invalid cursor is a 400 page with a reference', async () => {
  const { visitor } = await withMessages(1)
  for (const cursor of ['forged', '', 'x'.repeat(65), 'a&before=b', '%27%3B--', '%00']) {
    const { statusCode, headers, body } = await visitor.get(`/?before=${cursor}`)
    expect([cursor, statusCode]).toEqual([cursor, 400])
    expect(headers).toMatchObject({ ...HTML, 'cache-control': 'no-store' })
    expect(referenceOn(body)).toMatch(A_REFERENCE)
  }
})

test('unknown query parameters are ignored', async () => {
  const { visitor } = await withMessages(1)
  expect(texts((await visitor.get('/?utm_source=news&a=1&a=2')).body)).toEqual(['Message 1'])
})

test('an unknown or malformed path is a 404 page with a reference', async () => {
  const { visitor, service } = await withMessages(0)
  for (const url of [
    '/nothing',
    '/.env',
    '/index.php?id=1',
    '/%zz',
    '/assets/old/guestbook.css',
    `/${'x'.repeat(1000)}`
  ]) {
    const { statusCode, headers, body } = await visitor.get(url)
    expect([url, statusCode, titleOn(body)]).toEqual([url, 404, 'There is nothing here'])
    expect(headers).toMatchObject(HTML)
    expect(service.lines.at(-1)).toMatchObject({
      level: 'info',
      route: 'not_found',
      status_code: 404,
      trace_id: referenceOn(body)
    })
  }
})

test('markup in names and messages is shown, never executed', async () => {
  const { visitor, backend } = await withMessages(0)
  const attack =
    '<script>alert(1)</script><img src=x onerror="alert(1)">\'"`=&amp;{{name}}</textarea>'
  await backend.store.create({ name: attack, message: attack })
  const { body } = await visitor.get()
  expect(messagesOn(body)).toMatchObject([{ name: attack, message: attack }])
  expect(body).not.toMatch(/<script|<img src=x|onerror="/)
})

test('line breaks, spaces and all scripts are preserved', async () => {
  const { visitor, backend } = await withMessages(0)
  const text = 'one\n  two\n\nthree\tfour 👩‍👩‍👧‍👦 سلام שלום 你好 e\u0301'.normalize('NFC')
  await backend.store.create({ name: 'Ann', message: text })
  expect(texts((await visitor.get()).body)).toEqual([text])
})
