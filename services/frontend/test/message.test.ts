import { describe, expect, jest, test } from '@jest/globals'
import { TIME_BUDGET } from '@guestbook/service-kit'
import { messagePath } from '../src/pages/message-path.ts'
import { buildWithFake, hangUp, json, pageOf, problem, STORED } from './fake-backend.ts'
import { A_REFERENCE, buildBoth, cleanUp } from './helper.ts'
import { alertOn, asOfOn, messagePageOn, messagesOn, referenceOn, titleOn } from './html.ts'
import { skipRetryPauses } from './time.ts'

const UNKNOWN_ID = '0198c0de-0000-7000-8000-000000000000'

skipRetryPauses()

async function open () {
  const built = await buildBoth()
  const { message } = await built.backend.store.create({ name: 'Ann', message: 'Hello\nyou' })
  return { ...built, message, path: messagePath(message.id) }
}

test('a message has a page of its own, with what a link preview shows', async () => {
  const { visitor, message, path } = await open()
  const { statusCode, headers, body } = await visitor.get(path, { host: 'guestbook.example' })
  expect(statusCode).toBe(200)
  expect(headers).toMatchObject({
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-cache'
  })
  expect(headers).not.toHaveProperty('set-cookie') // caches may share it
  const url = `http://guestbook.example${path}`
  expect(messagePageOn(body)).toEqual({
    id: message.id,
    name: 'Ann',
    url: path,
    at: message.createdAt.toISOString(),
    message: 'Hello\nyou',
    title: 'Ann · Guestbook',
    canonical: url,
    meta: {
      description: 'Hello you',
      'og:type': 'article',
      'og:site_name': 'Guestbook',
      'og:title': 'Ann · Guestbook',
      'og:description': 'Hello you',
      'og:url': url
    }
  })
  expect(body).not.toMatch(/<script|<style|\sstyle=|\son\w+=|<form/)
})

test('the date links to the message, which outlives the newest page', async () => {
  const { visitor, backend, path } = await open()
  const linkOn = (html: string) => /<a href="([^"]+)"><time/.exec(html)?.[1]
  expect(linkOn((await visitor.get()).body)).toBe(path)
  for (let i = 0; i < 21; i++) await backend.store.create({ name: 'Later', message: `${i}` })
  expect(messagesOn((await visitor.get()).body).map(({ name }) => name)).not.toContain('Ann')
  const { statusCode, body } = await visitor.get(path)
  expect([statusCode, linkOn(body), messagePageOn(body)?.name]).toEqual([200, path, 'Ann'])
})

test('an unchanged page is a 304 in every encoding', async () => {
  const { visitor, path } = await open()
  for (const encoding of ['br', 'gzip', 'identity']) {
    const accepted = { 'accept-encoding': encoding }
    const { etag } = (await visitor.get(path, accepted)).headers
    const again = await visitor.get(path, { ...accepted, 'if-none-match': String(etag) })
    const headers = { etag, 'cache-control': 'no-cache' }
    expect(again).toMatchObject({ statusCode: 304, body: '', headers })
  }
})

test('HEAD has the headers of GET', async () => {
  const { app, path } = await open()
  const get = await app.inject(path)
  const head = await app.inject({ method: 'HEAD', url: path })
  expect([head.statusCode, head.body]).toEqual([200, ''])
  for (const header of ['etag', 'content-type', 'content-length', 'cache-control', 'vary']) {
    expect(head.headers[header]).toBe(get.headers[header])
  }
})

test('a hidden message, an unknown one and a malformed id get the same response', async () => {
  const { visitor, backend, message, path } = await open()
  const known = (await visitor.get(path)).headers.etag
  await backend.store.setHidden(message.id, true)
  const malformed = [
    `${message.id}0`, message.id.slice(1), message.id.replaceAll('-', ''), 'x', '%00', '..%2f',
    '%F0%9F%91%8B', 'x'.repeat(1000)
  ]
  const ids = [message.id, UNKNOWN_ID, message.id.replace('-7', '-4'), ...malformed]
  const answers = new Set<string>()
  for (const id of ids) {
    const conditional = { 'if-none-match': `${known}, *` }
    const { statusCode, headers, body } = await visitor.get(messagePath(id), conditional)
    expect([id, statusCode, headers['cache-control']]).toEqual([id, 404, 'no-store'])
    expect(titleOn(body)).toBe('There is nothing here')
    answers.add(body.replace(referenceOn(body) ?? '', ''))
  }
  expect(answers.size).toBe(1)
  await backend.store.setHidden(message.id, false)
  expect((await visitor.get(path)).statusCode).toBe(200)
})

test('an id in upper case redirects to lower case', async () => {
  const { visitor, message, path } = await open()
  const mixed = message.id.replace(/[a-f]/, letter => letter.toUpperCase())
  for (const id of [message.id.toUpperCase(), mixed]) {
    const { statusCode, headers } = await visitor.get(messagePath(id))
    expect([statusCode, headers.location]).toEqual([301, path])
  }
})

describe('while the backend is unavailable', () => {
  const FAILED = { 'retry-after': '5', 'cache-control': 'no-store' }

  async function openBroken (broken = hangUp) {
    const { visitor, backend } = await buildWithFake(pageOf([STORED]))
    await visitor.get()
    backend.respondWith(broken)
    return visitor
  }

  test.each([
    ['hangs up', hangUp], ['is overloaded', problem(503)]
  ])('a stale message is shown and marked when it %s', async (_how, broken) => {
    const visitor = await openBroken(broken)
    const conditional = { 'if-none-match': '*' }
    const { statusCode, headers, body } = await visitor.get(messagePath(STORED.id), conditional)
    expect(statusCode).toBe(503)
    expect(headers).toMatchObject(FAILED)
    expect(headers).not.toHaveProperty('etag')
    expect(messagePageOn(body)).toMatchObject({ name: 'Ann', message: 'Hello' })
    expect(alertOn(body)).toBe('The guestbook cannot be reached just now.')
    expect(asOfOn(body)).toMatch(/UTC$/)
    expect(referenceOn(body)).toMatch(A_REFERENCE)
  })

  test('an expired or unknown message is not shown', async () => {
    const visitor = await openBroken()
    expect((await visitor.get(messagePath(UNKNOWN_ID))).statusCode).toBe(503)
    jest.spyOn(Date, 'now').mockReturnValue(Date.now() + TIME_BUDGET.staleCopyMs + 1000)
    cleanUp(() => { jest.restoreAllMocks() })
    const { statusCode, headers, body } = await visitor.get(messagePath(STORED.id))
    expect([statusCode, titleOn(body)]).toEqual([503, 'The guestbook cannot be reached'])
    expect(headers).toMatchObject(FAILED)
    expect(body).not.toContain('Hello')
  })
})

test('an invalid backend response is a 500 page', async () => {
  const wrongType = json(200, { ...STORED, name: 7 })
  for (const invalid of [json(200, {}), wrongType, problem(500), problem(401)]) {
    const { visitor } = await buildWithFake(invalid)
    const { statusCode, body } = await visitor.get(messagePath(STORED.id))
    expect([statusCode, titleOn(body)]).toEqual([500, 'Something went wrong'])
    expect(body).not.toContain('INNER WORDS')
  }
})
