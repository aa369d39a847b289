import { describe, expect, test } from '@jest/globals'
import {
  expectProblem, fill, get, invalid, MESSAGES, moderate, TOKEN, UNKNOWN_ID
} from './api.ts'
import { build, buildOnce } from './helper.ts'

const shared = buildOnce({ env: { RATE_LIMIT_POSTS: '1000000', MODERATOR_TOKEN: TOKEN } })

describe('a list', () => {
  test.each<[query: string, ...errors: Array<[parameter: string, detail: string]>]>([
    ['limit=0', ['limit', 'must be >= 1']],
    ['limit=-1', ['limit', 'must be >= 1']],
    ['limit=101', ['limit', 'must be <= 100']],
    ['limit=abc', ['limit', 'must be integer']],
    ['limit=1.5', ['limit', 'must be integer']],
    ['limit=', ['limit', 'must be integer']],
    ['limit=1&limit=2', ['limit', 'must be integer']],
    ['offset=20', ['offset', 'is not a known field']],
    ['__proto__=x', ['__proto__', 'is not a known field']],
    ['limit=0&colour=blue', ['colour', 'is not a known field'], ['limit', 'must be >= 1']],
    ['cursor=a&cursor=b', ['cursor', 'must be string']],
    [`cursor=${'a'.repeat(65)}`, ['cursor', 'must be at most 64 characters long']]
  ])('with %s is rejected', async (query, ...errors) => {
    const { app } = shared()
    const expected = errors.map(([parameter, detail]) => ({ parameter, detail }))
    expectProblem(await get(app, `?${query}`), invalid(...expected))
  })

  const encode = (text: string) => Buffer.from(text).toString('base64url')
  const decode = (cursor: string) => Buffer.from(cursor, 'base64url').toString()
  test.each([
    ['that is empty', () => ''],
    ['made up', () => 'abc'],
    ['that is an id', (cursor: string) => decode(cursor).slice('older:'.length)],
    ['of another kind', (cursor: string) => encode(decode(cursor).replace('older', 'newer'))],
    ['with a malformed id', () => encode('older:not-an-id')],
    ['with an id of another version', () => encode(`older:${UNKNOWN_ID.replace('-7', '-4')}`)],
    ['with an operator', () => encode('older:{"$gt":""}')],
    ['with trailing data', (cursor: string) => `${cursor}AA`],
    ['with padding', (cursor: string) => `${cursor}=`],
    [
      'with characters that decoders skip',
      (cursor: string) => `${cursor.slice(0, 4)}!${cursor.slice(4)}`
    ]
  ])('with a cursor %s is rejected', async (_kind, forge) => {
    const { app } = await build()
    await fill(app, 2)
    const { nextCursor } = (await get(app, '?limit=1')).json()
    const response = await get(app, `?cursor=${encodeURIComponent(forge(nextCursor))}`)
    const detail = 'is not a valid cursor; omit it to start with the newest message'
    expectProblem(response, invalid({ parameter: 'cursor', detail }))
  })
})

test.each([
  '1', 'undefined', 'not-an-id', '%00', "'%20OR%201=1", '{"$ne":null}', `${UNKNOWN_ID}0`,
  UNKNOWN_ID.replaceAll('-', ''), 'x'.repeat(5000)
])('an id like %p is rejected as malformed', async text => {
  const { app } = shared()
  const id = encodeURI(decodeURI(text))
  const problem = invalid({ parameter: 'id', detail: 'must match format "uuid"' })
  expectProblem(await get(app, `/${id}`), problem)
  expectProblem(await moderate(app, 'hide', id, `Bearer ${TOKEN}`), problem)
})

test.each([
  ['GET', '/'],
  ['GET', '/api/v1/message'],
  ['GET', `${MESSAGES}/../../../etc/passwd`],
  ['POST', `${MESSAGES}/${UNKNOWN_ID}/remove`],
  ['GET', '/metrics'],
  ['PUT', '/faults']
] as const)('%s %s is not found, and says what was asked for', async (method, url) => {
  const { app } = shared()
  expectProblem(await app.inject({ method, url }), {
    status: 404,
    kind: 'not-found',
    detail: `No route for ${method} ${new URL(url, 'http://backend').pathname}.`
  })
})

test.each([
  ['PUT', MESSAGES, 'GET, HEAD, POST'],
  ['DELETE', MESSAGES, 'GET, HEAD, POST'],
  ['OPTIONS', MESSAGES, 'GET, HEAD, POST'],
  ['TRACE', MESSAGES, 'GET, HEAD, POST'],
  ['PATCH', `${MESSAGES}/${UNKNOWN_ID}`, 'GET, HEAD'],
  ['POST', `${MESSAGES}/${UNKNOWN_ID}`, 'GET, HEAD'],
  ['QUERY', `${MESSAGES}/${UNKNOWN_ID}`, 'GET, HEAD'],
  ['GET', `${MESSAGES}/${UNKNOWN_ID}/hide`, 'POST'],
  ['POST', '/openapi.json', 'GET, HEAD']
])('%s %s is rejected with Allow: %s', async (method, url, allow) => {
  const { app } = shared()
  const response = await app.inject({ method: method as 'GET', url })
  expectProblem(response, {
    status: 405,
    kind: 'method-not-allowed',
    detail: `${method} is not supported here; use ${allow}.`
  })
  expect(response.headers.allow).toBe(allow)
})
