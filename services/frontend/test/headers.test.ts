import { describe, expect, test } from '@jest/globals'
import type { InjectOptions } from 'fastify'
import { buildWithFake, json, pageOf, STORED } from './fake-backend.ts'
import { build, buildBoth } from './helper.ts'
import { Visitor } from './visitor.ts'

const COOKIE = /^visitor=[\w-]{36}; Max-Age=31536000; Path=\/; HttpOnly; SameSite=Lax$/
const SECURE_COOKIE =
  /^visitor=[\w-]{36}; Max-Age=31536000; Path=\/; HttpOnly; Secure; SameSite=Lax$/

/** Headers of every response; inject() adds the last three. */
const EVERY = {
  'content-security-policy': "default-src 'none';style-src 'self';img-src 'self';" +
    "form-action 'self';base-uri 'none';frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'same-origin',
  'x-content-type-options': 'nosniff',
  'x-dns-prefetch-control': 'off',
  'x-download-options': 'noopen',
  'x-frame-options': 'SAMEORIGIN',
  'x-permitted-cross-domain-policies': 'none',
  'x-xss-protection': '0',
  'content-length': expect.stringMatching(/^\d+$/),
  connection: 'keep-alive',
  date: expect.any(String)
}
const PATH = `/messages/${STORED.id}`
const HTML = { 'content-type': 'text/html; charset=utf-8', vary: 'accept-encoding' }
const TAG = { etag: expect.stringMatching(/^"[\w-]{27}-identity"$/) }
const BROTLI = { etag: expect.stringMatching(/^"[\w-]{27}-br"$/), 'content-encoding': 'br' }
const NEW_VISITOR = { 'set-cookie': expect.stringMatching(COOKIE) }
const KEPT = { 'cache-control': 'private, no-cache' }
const NOT_KEPT = { 'cache-control': 'no-store' }
const LIMITED = {
  'x-ratelimit-limit': '100', 'x-ratelimit-remaining': '99', 'x-ratelimit-reset': '60'
}
const FORM = { 'content-type': 'application/x-www-form-urlencoded' }
const post = (payload: string, headers = {}): InjectOptions =>
  ({ method: 'POST', url: '/', payload, headers: { ...FORM, ...headers } })

const ROWS: Array<[what: string, request: InjectOptions, status: number, headers: object]> = [
  ['the page', { url: '/' }, 200, { ...HTML, ...TAG, ...NEW_VISITOR, ...KEPT }],
  ['an unchanged page', { url: '/', headers: { 'if-none-match': '*' } }, 304,
    { ...TAG, ...NEW_VISITOR, ...KEPT, vary: 'accept-encoding', 'content-length': undefined }],
  ['the page in brotli', { url: '/', headers: { 'accept-encoding': 'br' } }, 200,
    { ...HTML, ...NEW_VISITOR, ...KEPT, ...BROTLI }],
  ['older messages', { url: '/?before=abc' }, 200, { ...HTML, ...TAG, ...NEW_VISITOR, ...KEPT }],
  ['a message', { url: PATH }, 200, { ...HTML, ...TAG, 'cache-control': 'no-cache' }],
  ['a message by another form of its id', { url: PATH.replace('a1fc', 'A1FC') }, 301,
    { location: PATH, 'content-length': '0' }],
  ['no message', { url: '/messages/none' }, 404, { ...HTML, ...NOT_KEPT }],
  ['an address of which nothing is known', { url: '/nothing' }, 404, { ...HTML, ...NOT_KEPT }],
  ['an address that cannot be decoded', { url: '/%zz' }, 404, { ...HTML, ...NOT_KEPT }],
  ['a signed form', post('name=Ann&message=Hello'), 303,
    { ...NEW_VISITOR, ...LIMITED, location: PATH, 'content-length': '0' }],
  ['a form of another site', post('name=Ann', { 'sec-fetch-site': 'cross-site' }), 403,
    { ...HTML, ...KEPT }],
  ['a form that a program filled in', post('name=Ann&message=Hello&website=x'), 400,
    { ...HTML, ...KEPT, ...LIMITED }],
  ['another method', { method: 'PUT', url: '/' }, 405,
    { ...HTML, ...NOT_KEPT, allow: 'GET, HEAD, POST' }],
  ['a probe', { url: '/health' }, 200, { 'content-type': 'application/json; charset=utf-8' }]
]

test.each(ROWS)('%s has these headers and no others', async (_what, request, status, headers) => {
  const { app } = await buildWithFake((response, received) => {
    const { method, path } = received
    const isList = method === 'GET' && !path.startsWith('/api/v1/messages/')
    const answer = isList ? pageOf([STORED]) : json(method === 'POST' ? 201 : 200, STORED)
    return answer(response, received)
  })
  const response = await app.inject(request)
  expect(response.statusCode).toBe(status)
  expect(response.headers).toEqual({ ...EVERY, ...headers })
})

test('while the backend is unavailable, the page has Retry-After and no ETag', async () => {
  const { app } = await build()
  const failed = { ...EVERY, ...HTML, 'retry-after': '5' }
  const headersOf = async (url: string) => (await app.inject(url)).headers
  expect(await headersOf('/')).toEqual({ ...failed, ...NEW_VISITOR, ...KEPT })
  expect(await headersOf('/?before=x')).toEqual({ ...failed, ...NEW_VISITOR, ...NOT_KEPT })
  expect(await headersOf(PATH)).toEqual({ ...failed, ...NOT_KEPT })
})

test('every page works without inline scripts and styles', async () => {
  const { visitor } = await buildBoth()
  const pages = [await visitor.get(), await visitor.get('/nothing'), await visitor.sign({})]
  for (const { body } of pages) {
    expect(body).toContain('<!doctype html>')
    expect(body).not.toMatch(/<script|<style|\sstyle=|\son\w+=|javascript:|https?:\/\//)
  }
})

describe('the visitor cookie', () => {
  const cookieOf = ({ headers }: Awaited<ReturnType<Visitor['get']>>) => headers['set-cookie']

  test('is set at the first visit with HttpOnly and SameSite', async () => {
    const { app } = await buildBoth()
    const [one, other] = [await new Visitor(app).get(), await new Visitor(app).get()]
    expect(cookieOf(one)).toMatch(COOKIE)
    expect(cookieOf(other)).not.toBe(cookieOf(one))
  })

  test('stays the same at later visits', async () => {
    const { visitor } = await buildBoth()
    await visitor.get()
    expect(cookieOf(await visitor.get())).toBeUndefined()
    expect(cookieOf(await visitor.sign({ name: 'Ann', message: 'Hi' }))).toBeUndefined()
  })

  test('is replaced when it is malformed', async () => {
    const { app } = await buildBoth()
    for (const cookie of [
      'visitor=',
      'visitor=short',
      `visitor=${'x'.repeat(4000)}`,
      'visitor=%00',
      'visitor="quoted-quoted-quoted1"',
      'other=1'
    ]) {
      expect(cookieOf(await new Visitor(app).get('/', { cookie }))).toMatch(COOKIE)
    }
  })

  test.each([
    ['is Secure over HTTPS, as forwarded by a trusted proxy', 'loopback', 'https', SECURE_COOKIE],
    ['is not Secure over HTTP, as forwarded by a trusted proxy', 'loopback', 'http', COOKIE],
    ['ignores X-Forwarded-Proto without a trusted proxy', '', 'https', COOKIE],
    ['ignores X-Forwarded-Proto of an untrusted client', '10.0.0.0/8', 'https', COOKIE]
  ])('%s', async (_what, trusted, scheme, cookie) => {
    const { app } = await build({ TRUST_PROXY: trusted })
    const remoteAddress = trusted === '10.0.0.0/8' ? '203.0.113.9' : '127.0.0.1'
    const visitor = new Visitor(app, { remoteAddress })
    expect(cookieOf(await visitor.get('/', { 'x-forwarded-proto': scheme }))).toMatch(cookie)
  })
})
