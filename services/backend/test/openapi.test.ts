import { readFileSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import { get, hello, MESSAGES, moderate, post, TOKEN } from './api.ts'
import { fakeStore } from './fake-store.ts'
import { build } from './helper.ts'

const committed = readFileSync(new URL('../openapi.json', import.meta.url), 'utf8')

test('the served document is the committed one', async () => {
  const { app } = await build()
  const response = await app.inject('/openapi.json')
  expect(response.statusCode).toBe(200)
  expect(response.headers['content-type']).toBe('application/json; charset=utf-8')
  expect(`${JSON.stringify(response.json(), null, 2)}\n`).toBe(committed)
})

test('the document describes exactly the routes of the API', () => {
  const { openapi, paths } = JSON.parse(committed)
  expect(openapi).toBe('3.1.0')
  const operations = Object.entries<object>(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { operationId }]) => `${method} ${path} ${operationId}`)
  )
  expect(operations.sort()).toEqual([
    'get /api/v1/messages listMessages',
    'get /api/v1/messages/{id} getMessage',
    'post /api/v1/messages createMessage',
    'post /api/v1/messages/{id}/hide hideMessage',
    'post /api/v1/messages/{id}/restore restoreMessage'
  ])
})

test('the document describes errors as problem details', () => {
  const { paths } = JSON.parse(committed)
  const responses = Object.values<object>(paths)
    .flatMap(methods => Object.values(methods))
    .flatMap(({ responses }) => Object.entries<{ content?: object }>(responses))
  const errors = responses.filter(([status]) => /^[45]/.test(status))
  expect(errors.map(([status, { content = {} }]) => [status, Object.keys(content)])).toEqual(
    errors.map(([status]) => [status, ['application/problem+json']])
  )
  expect(errors.filter(([status]) => ['4XX', '5XX'].includes(status))).toHaveLength(2 * 5)
})

test('the document describes the headers of responses', async () => {
  const described = JSON.parse(committed).paths as Record<
    string,
    Record<string, { responses: Record<string, { headers?: object }> }>
  >
  const headersOf = (method: string, path: string, status: string) =>
    Object.keys(described[path]?.[method]?.responses[status]?.headers ?? {})
  for (const [path, methods] of Object.entries(described)) {
    for (const method of Object.keys(methods)) {
      for (const status of ['429', '503']) {
        expect([path, method, status, headersOf(method, path, status)]).toEqual([
          path,
          method,
          status,
          ['Retry-After']
        ])
      }
      expect(headersOf(method, path, '4XX')).toEqual(['Allow'])
    }
  }

  const ONE = `${MESSAGES}/{id}`
  const down = await build({ store: fakeStore() })
  const { app } = await build({ env: { MODERATOR_TOKEN: TOKEN, RATE_LIMIT_POSTS: '3' } })
  const first = await post(app, hello, { 'idempotency-key': 'key' })
  const { id } = first.json()
  const authorization = `Bearer ${TOKEN}`
  const answers: Array<[string, string, string, Awaited<ReturnType<typeof post>>]> = [
    ['post', MESSAGES, 'Location', first],
    [
      'post',
      MESSAGES,
      'Idempotency-Replayed',
      await post(app, hello, { 'idempotency-key': 'key' })
    ],
    ['get', MESSAGES, 'ETag', await get(app)],
    ['get', MESSAGES, 'ETag', await get(app, '', { 'if-none-match': '*' })],
    ['get', ONE, 'ETag', await get(app, `/${id}`)],
    ['get', ONE, 'ETag', await get(app, `/${id}?hidden=true`, { authorization })],
    ['get', ONE, 'WWW-Authenticate', await get(app, `/${id}?hidden=true`)],
    ['post', `${ONE}/restore`, 'ETag', await moderate(app, 'restore', id, authorization)],
    ['post', `${ONE}/hide`, 'WWW-Authenticate', await moderate(app, 'hide', id)],
    ['post', `${ONE}/hide`, 'ETag', await moderate(app, 'hide', id, authorization)],
    [
      'post',
      MESSAGES,
      'Idempotency-Replayed',
      await post(app, hello, { 'idempotency-key': 'key' })
    ],
    ['post', MESSAGES, 'Retry-After', await post(app, hello)],
    ['post', MESSAGES, 'Retry-After', await post(down.app, hello)],
    ['get', ONE, 'Retry-After', await get(down.app, `/${id}`)]
  ]
  for (const [method, path, header, { statusCode, headers }] of answers) {
    expect([path, statusCode, Object.keys(headers)]).toEqual([
      path,
      statusCode,
      expect.arrayContaining([header.toLowerCase()])
    ])
    expect([path, statusCode, headersOf(method, path, `${statusCode}`)]).toEqual([
      path,
      statusCode,
      expect.arrayContaining([header])
    ])
  }
})
