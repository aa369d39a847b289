import { expect, test } from '@jest/globals'
import type { InjectOptions } from 'fastify'
import { hello, MESSAGES, TOKEN, UNKNOWN_ID } from './api.ts'
import { fakeMessage, fakeStore } from './fake-store.ts'
import { build } from './helper.ts'

/** Headers of every response; inject() adds the last three. */
const EVERY = {
  'content-security-policy': "default-src 'none';frame-ancestors 'none'",
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'origin-agent-cluster': '?1',
  'referrer-policy': 'no-referrer',
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
const JSON_TYPE = { 'content-type': 'application/json; charset=utf-8' }
const PROBLEM = { 'content-type': 'application/problem+json' }
const TAG = { etag: expect.stringMatching(/^"[\w-]{27}"$/) }
const UNCACHED = { 'cache-control': 'no-store', vary: 'authorization' }
const LIMITED = {
  'x-ratelimit-limit': '100', 'x-ratelimit-remaining': '99', 'x-ratelimit-reset': '60'
}
const PATH = `${MESSAGES}/${UNKNOWN_ID}`
const POST = { method: 'POST', url: MESSAGES, payload: hello } as const
const REPLAYED = { 'idempotency-replayed': 'true' }
const authorization = { headers: { authorization: `Bearer ${TOKEN}` } }

const message = fakeMessage(1)
const store = fakeStore({
  create: async (_input, key) => ({ outcome: key === 'seen' ? 'replayed' : 'created', message }),
  list: async () => [message],
  get: async id => id === UNKNOWN_ID ? message : null,
  setHidden: async (_id, hidden) => ({ ...message, hidden, version: 7 })
})

const ROWS: Array<[what: string, request: InjectOptions, status: number, headers: object]> = [
  ['a list', { url: MESSAGES }, 200, { ...JSON_TYPE, ...TAG, 'cache-control': 'no-cache' }],
  ['an unchanged list', { url: MESSAGES, headers: { 'if-none-match': '*' } }, 304,
    { ...TAG, 'cache-control': 'no-cache', 'content-length': undefined }],
  ['a list for moderators', { url: `${MESSAGES}?hidden=true`, ...authorization }, 200,
    { ...JSON_TYPE, ...TAG, ...LIMITED, ...UNCACHED }],
  ['a list without the token', { url: `${MESSAGES}?hidden=true` }, 401,
    { ...PROBLEM, ...LIMITED, ...UNCACHED, 'www-authenticate': 'Bearer' }],
  ['a message', { url: PATH }, 200, { ...JSON_TYPE, ...TAG, 'cache-control': 'no-cache' }],
  ['a message for moderators', { url: `${PATH}?hidden=true`, ...authorization }, 200,
    { ...JSON_TYPE, ...LIMITED, ...UNCACHED, etag: '"0"' }],
  ['no message', { url: PATH.replace('0198', '0199') }, 404,
    { ...PROBLEM, 'cache-control': 'no-cache' }],
  ['a stored message', POST, 201,
    { ...JSON_TYPE, ...LIMITED, location: `${MESSAGES}/${message.id}` }],
  ['a replayed message', { ...POST, headers: { 'idempotency-key': 'seen' } }, 201,
    { ...JSON_TYPE, ...LIMITED, location: `${MESSAGES}/${message.id}`, ...REPLAYED }],
  ['an invalid message', { ...POST, payload: {} }, 400, { ...PROBLEM, ...LIMITED }],
  ['a hidden message', { method: 'POST', url: `${PATH}/hide`, ...authorization }, 200,
    { ...JSON_TYPE, ...LIMITED, etag: '"7"' }],
  ['another method', { method: 'DELETE', url: PATH }, 405, { ...PROBLEM, allow: 'GET, HEAD' }],
  ['nothing', { url: '/nothing' }, 404, PROBLEM],
  ['a probe', { url: '/health' }, 200, JSON_TYPE],
  ['the OpenAPI document', { url: '/openapi.json' }, 200, JSON_TYPE]
]

test.each(ROWS)('%s has these headers and no others', async (_what, request, status, headers) => {
  const { app } = await build({ store, env: { MODERATOR_TOKEN: TOKEN } })
  const response = await app.inject(request)
  expect(response.statusCode).toBe(status)
  expect(response.headers).toEqual({ ...EVERY, ...headers })
})
