import { expect, test } from '@jest/globals'
import { buildBoth } from './helper.ts'
import { messagePageOn, messagesOn } from './html.ts'
import { Visitor } from './visitor.ts'

const HELLO = { name: 'Ann', message: 'Hello' }

async function open () {
  const { app, visitor, service, backend } = await buildBoth()
  await visitor.get()
  return { app, visitor, service, backend, stored: backend.stored }
}

test('a post redirects to the new message, which is on the newest page, too', async () => {
  const { visitor, stored } = await open()
  const { statusCode, headers: { location = '' } } = await visitor.sign(HELLO)
  expect(statusCode).toBe(303)
  expect(location).toMatch(/^\/messages\/[0-9a-f-]{36}$/)
  const page = messagePageOn((await visitor.get(location)).body)
  expect(page).toMatchObject({ ...HELLO, url: location })
  const id = location.slice('/messages/'.length)
  const { body } = await visitor.get()
  expect(messagesOn(body)).toEqual([{ ...HELLO, id, at: expect.any(String) }])
  expect(await stored()).toEqual([HELLO])
})

test('the same form sent twice is one message, with the same redirect', async () => {
  const { visitor, stored } = await open()
  const first = await visitor.sign(HELLO)
  const again = await visitor.sign(HELLO)
  expect([again.statusCode, again.headers.location]).toEqual([303, first.headers.location])
  expect(await stored()).toEqual([HELLO])
})

test('concurrent posts of the same form are one message', async () => {
  const { visitor, stored } = await open()
  const posts = Array.from({ length: 10 }, async () => await visitor.sign(HELLO))
  const answers = await Promise.all(posts)
  expect(new Set(answers.map(({ statusCode }) => statusCode))).toEqual(new Set([303]))
  expect(new Set(answers.map(({ headers }) => headers.location)).size).toBe(1)
  expect(await stored()).toEqual([HELLO])
})

test('an edited text or name is a new message', async () => {
  const { visitor, stored } = await open()
  await visitor.sign(HELLO)
  await visitor.sign({ ...HELLO, message: 'Hello!' })
  await visitor.sign({ ...HELLO, name: 'Anna' })
  expect(await stored()).toEqual([
    { name: 'Anna', message: 'Hello' },
    { name: 'Ann', message: 'Hello!' },
    HELLO
  ])
})

test('the same text of another visitor is a new message', async () => {
  const { app, visitor, stored } = await open()
  await visitor.sign(HELLO)
  await new Visitor(app).sign(HELLO)
  expect(await stored()).toEqual([HELLO, HELLO])
})

test('texts that are equal after normalisation are the same message', async () => {
  const { visitor, stored } = await open()
  await visitor.sign({ name: 'Ann Lee', message: 'Caf\u00e9\nbar' })
  for (const same of [
    { name: '  Ann   Lee ', message: ' Caf\u00e9\nbar\n\n' },
    { name: 'Ann\tLee', message: 'Caf\u00e9\r\nbar' },
    { name: 'Ann Lee', message: 'Cafe\u0301\nbar' },
    { name: 'Ann\u0000 Lee', message: '\u202ECaf\u00e9\nbar' }
  ]) expect((await visitor.sign(same)).statusCode).toBe(303)
  expect(await stored()).toEqual([{ name: 'Ann Lee', message: 'Caf\u00e9\nbar' }])
})

test('a client without cookies and browser headers can post', async () => {
  const { app, stored } = await open()
  const response = await app.inject({
    method: 'POST',
    url: '/',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    payload: 'name=curl&message=a+b%21'
  })
  expect(response.statusCode).toBe(303)
  expect(await stored()).toEqual([{ name: 'curl', message: 'a b!' }])
})

test('text of any kind is stored as typed', async () => {
  const { visitor, stored } = await open()
  const form = {
    name: '👋🏽 "Bob" <b>',
    message: '<script>alert(1)</script> & 100% + 你好\n\nسلام = ½'
  }
  expect((await visitor.sign(form)).statusCode).toBe(303)
  expect(await stored()).toEqual([form])
})

test('the longest name and message are accepted, in code points', async () => {
  const { visitor, stored } = await open()
  const longest = { name: '👋'.repeat(80), message: '👋'.repeat(1000) }
  expect((await visitor.sign(longest)).statusCode).toBe(303)
  expect(await stored()).toEqual([longest])
})

test('logs contain neither texts nor visitor ids', async () => {
  const { visitor, backend, service } = await open()
  await visitor.sign({ name: 'SECRET', message: 'SECRET' })
  await visitor.sign({ name: 'SECRET', message: 'SECRET'.repeat(500) })
  const lines = JSON.stringify([...service.lines, ...backend.service.lines])
  expect(lines).toContain('"status_code":303')
  expect(lines).not.toContain('SECRET')
  expect(lines).not.toContain(visitor.cookie?.split('=')[1])
})
