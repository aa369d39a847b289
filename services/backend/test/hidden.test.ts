import { expect, test } from '@jest/globals'
import type { App } from '@guestbook/service-kit'
import fc from 'fast-check'
import { expectProblem, fill, get, hello, moderate, post, TOKEN, UNKNOWN_ID } from './api.ts'
import { build } from './helper.ts'

const AUTHORIZATION = { authorization: `Bearer ${TOKEN}` }
const moderated = { env: { MODERATOR_TOKEN: TOKEN, RATE_LIMIT_POSTS: '10000' } }
const UNCACHED = { 'cache-control': 'no-store', vary: 'authorization' }

interface Page { messages: Array<{ id: string }>, nextCursor: string | null }

/** Reads every page of a list; gives its messages and how many each page had. */
async function readAll (app: App, query: string, headers: Record<string, string> = {}) {
  const pages: Page[] = []
  let cursor: string | null = ''
  while (cursor !== null) {
    const page: Page = (await get(app, `?${query}${cursor && `&cursor=${cursor}`}`, headers)).json()
    pages.push(page)
    cursor = page.nextCursor
  }
  return { messages: pages.flatMap(({ messages }) => messages), sizes: pages.map(({ messages }) => messages.length) }
}

test('every message is listed either to all or to moderators alone, page by page, whatever is hidden', async () => {
  const choices = fc.array(fc.boolean(), { maxLength: 25 })
  await fc.assert(fc.asyncProperty(choices, fc.integer({ min: 1, max: 7 }), async (hide, limit) => {
    const { app } = await build(moderated)
    const posted = await fill(app, hide.length)
    for (const [index, { id }] of posted.entries()) if (hide[index]) await moderate(app, 'hide', id, AUTHORIZATION.authorization)

    const visible = await readAll(app, `limit=${limit}`)
    expect(visible.messages).toEqual(posted.filter((_, index) => !hide[index]))
    const hidden = await readAll(app, `limit=${limit}&hidden=true`, AUTHORIZATION)
    expect(hidden.messages).toEqual(posted.filter((_, index) => hide[index]).map(message => ({ ...message, hidden: true, version: 1 })))
    expect(hidden.sizes.slice(0, -1)).toEqual(hidden.sizes.slice(0, -1).map(() => limit))
  }), { numRuns: 15 })
}, 60_000)

test('the newest page that all share never has what a moderator sees', async () => {
  const { app } = await build(moderated)
  const [message] = await fill(app, 1)
  await moderate(app, 'hide', message!.id, AUTHORIZATION.authorization)
  const answers = await Promise.all([true, false, true, false].map(async hidden => await get(app, `?hidden=${hidden}`, AUTHORIZATION)))
  expect(answers.map(answer => answer.json().messages.length)).toEqual([1, 0, 1, 0])
  expect(answers.map(({ headers }) => headers['cache-control'])).toEqual(['no-store', 'no-cache', 'no-store', 'no-cache'])
})

test('a moderator reads a message in each state, with the version to moderate it by', async () => {
  const { app } = await build(moderated)
  const [message] = await fill(app, 1)
  const { id } = message!
  const steps = [['hide', true], ['hide', true], ['restore', false], ['hide', true]] as const
  for (const [index, [action, hidden]] of steps.entries()) {
    const before = await get(app, `/${id}?hidden=true`, AUTHORIZATION)
    const done = await app.inject({ method: 'POST', url: `/api/v1/messages/${id}/${action}`, headers: { ...AUTHORIZATION, 'if-match': String(before.headers.etag) } })
    expect(done.statusCode).toBe(200)
    const after = await get(app, `/${id}?hidden=true`, AUTHORIZATION)
    expect(after.json()).toEqual({ ...message, hidden, version: index + 1 })
    expect(after.headers).toMatchObject({ ...UNCACHED, etag: `"${index + 1}"` })
    expect((await get(app, `/${id}`)).statusCode).toBe(hidden ? 404 : 200)
  }
  expectProblem(await get(app, `/${UNKNOWN_ID}?hidden=true`, AUTHORIZATION), { status: 404, kind: 'not-found' })
})

test('what all may read says nothing about moderation, and can be asked for conditionally', async () => {
  const { app } = await build(moderated)
  const [message] = await fill(app, 1)
  const fresh = await get(app, `/${message!.id}`)
  for (const action of ['hide', 'restore'] as const) await moderate(app, action, message!.id, AUTHORIZATION.authorization)
  for (const query of ['', '?hidden=false']) {
    const response = await get(app, `/${message!.id}${query}`)
    expect([response.statusCode, response.json(), response.headers.etag]).toEqual([200, message, fresh.headers.etag])
    expect(response.headers).toMatchObject({ 'cache-control': 'no-cache', 'content-type': 'application/json; charset=utf-8' })
  }
  const unchanged = await get(app, `/${message!.id}`, { 'if-none-match': String(fresh.headers.etag) })
  expect([unchanged.statusCode, unchanged.body, unchanged.headers.etag]).toEqual([304, '', fresh.headers.etag])
})

const PATHS = ['?hidden=true', '?hidden=true&limit=5', `/${UNKNOWN_ID}?hidden=true`]
const METHODS = ['GET', 'HEAD'] as const
const REQUESTS = PATHS.flatMap(path => METHODS.map(method => ({ path, method })))

test.each(REQUESTS)('$method $path is for who has the token, and no answer is kept by a cache', async ({ path, method }) => {
  const { app, service } = await build(moderated)
  const url = `/api/v1/messages${path}`
  for (const authorization of [undefined, 'Bearer ', 'Basic eDp5', TOKEN, 'Bearer wrong-wrong-wrong-wrong', `Bearer ${TOKEN}x`]) {
    const response = await app.inject({ method, url, headers: authorization === undefined ? {} : { authorization } })
    expect([authorization, response.statusCode]).toEqual([authorization, 401])
    expect(response.headers).toMatchObject({ ...UNCACHED, 'www-authenticate': 'Bearer' })
    expect(service.lines.at(-2)).toMatchObject({ audit: true, msg: 'bearer token refused' })
  }
  expect((await app.inject({ method, url, headers: AUTHORIZATION })).headers).toMatchObject(UNCACHED)
})

test.each(REQUESTS)('$method $path is off where no token is configured', async ({ path, method }) => {
  const { app } = await build()
  for (const headers of [{}, AUTHORIZATION, { authorization: 'Bearer undefined' }] as Array<Record<string, string>>) {
    const response = await app.inject({ method, url: `/api/v1/messages${path}`, headers })
    expect([response.statusCode, response.headers['cache-control']]).toEqual([403, 'no-store'])
  }
})

test('who guesses tokens is stopped, and others read on', async () => {
  const { app } = await build({ env: { MODERATOR_TOKEN: TOKEN, RATE_LIMIT_POSTS: '3' } })
  const statuses = async (path: string) => (await get(app, path, { authorization: 'Bearer wrong-wrong-wrong-wrong' })).statusCode
  for (const path of PATHS.slice(1)) expect([await statuses(path), await statuses(path), await statuses(path), await statuses(path)].at(-1)).toBe(429)
  expect((await get(app)).statusCode).toBe(200)
  expect((await post(app, hello)).statusCode).toBe(201)
  expect((await app.inject({ url: '/api/v1/messages?hidden=true', headers: AUTHORIZATION, remoteAddress: '192.0.2.9' })).statusCode).toBe(200)
})

test.each(['hidden=', 'hidden=yes', 'hidden=TRUE', 'hidden=true&hidden=true', 'hidden=2'])('%s is neither true nor false, and refused', async query => {
  const { app } = await build(moderated)
  for (const path of ['', `/${UNKNOWN_ID}`]) {
    expectProblem(await get(app, `${path}?${query}`, AUTHORIZATION), { status: 400, kind: 'invalid-input', errors: [{ parameter: 'hidden', detail: 'must be boolean' }] })
  }
})
