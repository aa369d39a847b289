import { expect, test } from '@jest/globals'
import { messagePath } from '../src/pages/message-path.ts'
import { buildBoth } from './helper.ts'
import { formOn, messagePageOn, messagesOn } from './html.ts'
import { setClock } from '@guestbook/service-kit/testing'
import { Visitor } from './visitor.ts'

const HELLO = { name: 'Ann', message: 'Hello\nyou' }
const WRITTEN_AT = new Date('2026-01-01T14:05:59.000Z')
const KEPT = { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'private, no-cache' }
const SECOND = 1000
const HOUR = 60 * 60 * SECOND

/** A visitor who posted HELLO at WRITTEN_AT. */
async function open () {
  setClock(WRITTEN_AT.getTime())
  const services = await buildBoth()
  const { visitor } = services
  await visitor.get()
  const { statusCode, headers } = await visitor.sign(HELLO)
  expect(statusCode).toBe(303)
  const path = String(headers.location)
  return { ...services, path, id: path.slice(messagePath('').length) }
}

const linkIn = (html: string) => /role="alert".*?<a href="([^"]+)">/s.exec(html)?.[1]

test.each([
  ['at once', 0],
  ['after half a minute', 30 * SECOND],
  ['after a minute', 60 * SECOND]
])('the same text sent again %s redirects to the same message', async (_when, age) => {
  const { visitor, path, backend } = await open()
  setClock(WRITTEN_AT.getTime() + age)
  const { statusCode, headers } = await visitor.sign(HELLO)
  expect([statusCode, headers.location]).toEqual([303, path])
  expect(await backend.stored()).toEqual([HELLO])
})

test.each([
  ['after more than a minute', 60 * SECOND + 1],
  ['after some minutes', 300 * SECOND],
  ['after almost a day', 24 * HOUR - 1]
])('the same text sent again %s is a 409 page that links to the message', async (_when, age) => {
  const { visitor, path, backend } = await open()
  // Pushes the message off the newest page.
  for (let i = 0; i < 21; i++) await backend.store.create({ name: 'Later', message: `${i}` })
  setClock(WRITTEN_AT.getTime() + age)
  const draft = { ...HELLO, message: ` ${HELLO.message} ` }
  const { statusCode, headers, body } = await visitor.sign(draft)
  expect(statusCode).toBe(409)
  expect(headers).toMatchObject(KEPT)
  expect(headers).not.toHaveProperty('location')
  expect(formOn(body)).toEqual({
    ...draft,
    alert: 'You already wrote this on 1 Jan 2026, 14:05 UTC.',
    errors: { name: undefined, message: undefined }
  })
  expect(linkIn(body)).toBe(path)
  expect(messagePageOn((await visitor.get(linkIn(body))).body)).toMatchObject(HELLO)
  expect(messagesOn(body)).toHaveLength(20)
  expect(await backend.stored()).toHaveLength(22)
})

test('the same text is a new message a day later', async () => {
  const { visitor, path, backend } = await open()
  setClock(WRITTEN_AT.getTime() + 24 * HOUR)
  const { statusCode, headers } = await visitor.sign(HELLO)
  expect([statusCode, headers.location === path]).toEqual([303, false])
  expect(await backend.stored()).toEqual([HELLO, HELLO])
})

test.each([
  ['at once', 0], ['an hour later', HOUR]
])('the same text sent again %s shows that the message is hidden', async (_when, age) => {
  const { app, visitor, path, id, backend } = await open()
  await backend.store.setHidden(id, true)
  setClock(WRITTEN_AT.getTime() + age)
  const { statusCode, headers, body } = await visitor.sign(HELLO)
  expect(statusCode).toBe(409)
  expect(headers).toMatchObject(KEPT)
  expect(headers).not.toHaveProperty('location')
  const alert = 'You already wrote this on 1 Jan 2026, 14:05 UTC. It is not shown in the guestbook.'
  expect(formOn(body)).toMatchObject({ ...HELLO, alert })
  expect([linkIn(body), body.includes(id), messagesOn(body)]).toEqual([undefined, false, []])
  expect((await visitor.get(path)).statusCode).toBe(404)
  expect(await backend.stored()).toEqual([])

  // The same text of another visitor is a new message.
  const other = await new Visitor(app).sign(HELLO)
  expect([other.statusCode, other.headers.location === path]).toEqual([303, false])
  expect(await backend.stored()).toEqual([HELLO])
  // An edited text is a new message.
  expect((await visitor.sign({ ...HELLO, message: 'Kinder words' })).statusCode).toBe(303)
})
