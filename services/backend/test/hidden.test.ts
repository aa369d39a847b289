import { expect, test } from '@jest/globals'
import type { App } from '@guestbook/service-kit'
import fc from 'fast-check'
import {
  expectProblem, fill, get, hello, MESSAGES, moderate, post, TOKEN, UNKNOWN_ID
} from './api.ts'
import { build } from './helper.ts'

const BEARER = `Bearer ${TOKEN}`
const AUTHORIZATION = { authorization: BEARER }
const WRONG = { authorization: 'Bearer wrong-wrong-wrong-wrong' }
const moderated = { env: { MODERATOR_TOKEN: TOKEN, RATE_LIMIT_POSTS: '10000' } }
const UNCACHED = { 'cache-control': 'no-store', vary: 'authorization' }

interface Page { messages: Array<{ id: string }>, nextCursor: string | null }

/** Reads every page of a list; returns its messages and the size of each page. */
async function readAll (app: App, query: string, headers: Record<string, string> = {}) {
  const pages: Page[] = []
  let cursor: string | null = ''
  while (cursor !== null) {
    const page: Page = (await get(app, `?${query}${cursor && `&cursor=${cursor}`}`, headers)).json()
    pages.push(page)
    cursor = page.nextCursor
  }
  const lists = pages.map(({ messages }) => messages)
  return { messages: lists.flat(), sizes: lists.map(({ length }) => length) }
}

test('every message is either in the visible or in the hidden list, across pages', async () => {
  const choices = fc.array(fc.boolean(), { maxLength: 25 })
  await fc.assert(
    fc.asyncProperty(choices, fc.integer({ min: 1, max: 7 }), async (hide, limit) => {
      const { app } = await build(moderated)
      const posted = await fill(app, hide.length)
      for (const [index, { id }] of posted.entries()) {
        if (hide[index]) await moderate(app, 'hide', id, BEARER)
      }

      const visible = await readAll(app, `limit=${limit}`)
      expect(visible.messages).toEqual(posted.filter((_, index) => !hide[index]))
      const hidden = await readAll(app, `limit=${limit}&hidden=true`, AUTHORIZATION)
      const expected = posted.filter((_, index) => hide[index])
      expect(hidden.messages).toEqual(
        expected.map(message => ({ ...message, hidden: true, version: 1 }))
      )
      expect(hidden.sizes.slice(0, -1)).toEqual(hidden.sizes.slice(0, -1).map(() => limit))
    }),
    { numRuns: 15 }
  )
}, 60_000)

test('the shared newest page never has hidden messages', async () => {
  const { app } = await build(moderated)
  const [message] = await fill(app, 1)
  await moderate(app, 'hide', message!.id, BEARER)
  const read = async (hidden: boolean) => await get(app, `?hidden=${hidden}`, AUTHORIZATION)
  const answers = await Promise.all([true, false, true, false].map(read))
  expect(answers.map(answer => answer.json().messages.length)).toEqual([1, 0, 1, 0])
  const caching = answers.map(({ headers }) => headers['cache-control'])
  expect(caching).toEqual(['no-store', 'no-cache', 'no-store', 'no-cache'])
})

test('a moderator reads a message in each state, with its version', async () => {
  const { app } = await build(moderated)
  const [message] = await fill(app, 1)
  const { id } = message!
  const steps = [['hide', true], ['hide', true], ['restore', false], ['hide', true]] as const
  for (const [index, [action, hidden]] of steps.entries()) {
    const before = await get(app, `/${id}?hidden=true`, AUTHORIZATION)
    const headers = { ...AUTHORIZATION, 'if-match': String(before.headers.etag) }
    const done = await app.inject({ method: 'POST', url: `${MESSAGES}/${id}/${action}`, headers })
    expect(done.statusCode).toBe(200)
    const after = await get(app, `/${id}?hidden=true`, AUTHORIZATION)
    expect(after.json()).toEqual({ ...message, hidden, version: index + 1 })
    expect(after.headers).toMatchObject({ ...UNCACHED, etag: `"${index + 1}"` })
    expect((await get(app, `/${id}`)).statusCode).toBe(hidden ? 404 : 200)
  }
  const unknown = await get(app, `/${UNKNOWN_ID}?hidden=true`, AUTHORIZATION)
  expectProblem(unknown, { status: 404, kind: 'not-found' })
})

test('public responses have no moderation fields, and support If-None-Match', async () => {
  const { app } = await build(moderated)
  const [message] = await fill(app, 1)
  const { etag } = (await get(app, `/${message!.id}`)).headers
  await moderate(app, 'hide', message!.id, BEARER)
  await moderate(app, 'restore', message!.id, BEARER)
  for (const query of ['', '?hidden=false']) {
    const response = await get(app, `/${message!.id}${query}`)
    expect([response.statusCode, response.json()]).toEqual([200, message])
    expect(response.headers).toMatchObject({
      'cache-control': 'no-cache',
      'content-type': 'application/json; charset=utf-8',
      etag
    })
  }
  const unchanged = await get(app, `/${message!.id}`, { 'if-none-match': String(etag) })
  expect([unchanged.statusCode, unchanged.body, unchanged.headers.etag]).toEqual([304, '', etag])
})

const PATHS = ['?hidden=true', '?hidden=true&limit=5', `/${UNKNOWN_ID}?hidden=true`]
const METHODS = ['GET', 'HEAD'] as const
const REQUESTS = PATHS.flatMap(path => METHODS.map(method => ({ path, method })))

test.each(REQUESTS)(
  '$method $path requires the token, and is not cached',
  async ({ path, method }) => {
    const { app, service } = await build(moderated)
    const url = MESSAGES + path
    for (const authorization of [
      '',
      'Bearer ',
      'Basic eDp5',
      TOKEN,
      WRONG.authorization,
      `${BEARER}x`
    ]) {
      const response = await app.inject({
        method,
        url,
        headers: authorization ? { authorization } : {}
      })
      expect([authorization, response.statusCode]).toEqual([authorization, 401])
      expect(response.headers).toMatchObject({ ...UNCACHED, 'www-authenticate': 'Bearer' })
      expect(service.lines.at(-2)).toMatchObject({ audit: true, msg: 'bearer token rejected' })
    }
    const allowed = await app.inject({ method, url, headers: AUTHORIZATION })
    expect(allowed.headers).toMatchObject(UNCACHED)
  }
)

test.each(REQUESTS)(
  '$method $path is disabled without a token',
  async ({ path, method }) => {
    const { app } = await build()
    for (const authorization of ['', BEARER, 'Bearer undefined']) {
      const headers = authorization ? { authorization } : {}
      const response = await app.inject({ method, url: MESSAGES + path, headers })
      expect([response.statusCode, response.headers['cache-control']]).toEqual([403, 'no-store'])
    }
  }
)

test('guessing tokens is rate-limited, and others can read', async () => {
  const { app } = await build({ env: { MODERATOR_TOKEN: TOKEN, RATE_LIMIT_POSTS: '3' } })
  const statuses = []
  for (const path of [...PATHS, ...PATHS]) statuses.push((await get(app, path, WRONG)).statusCode)
  expect(statuses).toEqual([401, 401, 401, 429, 429, 429])
  expect((await get(app)).statusCode).toBe(200)
  expect((await post(app, hello)).statusCode).toBe(201)
  const other = { headers: AUTHORIZATION, remoteAddress: '192.0.2.9' }
  expect((await app.inject({ url: `${MESSAGES}?hidden=true`, ...other })).statusCode).toBe(200)
})

test.each([
  'hidden=', 'hidden=yes', 'hidden=TRUE', 'hidden=true&hidden=true', 'hidden=2'
])('%s is not a boolean and rejected', async query => {
  const { app } = await build(moderated)
  for (const path of ['', `/${UNKNOWN_ID}`]) {
    const errors = [{ parameter: 'hidden', detail: 'must be boolean' }]
    const response = await get(app, `${path}?${query}`, AUTHORIZATION)
    expectProblem(response, { status: 400, kind: 'invalid-input', errors })
  }
})
