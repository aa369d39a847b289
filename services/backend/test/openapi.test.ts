import { readFileSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import { build } from './helper.ts'

const committed = readFileSync(new URL('../openapi.json', import.meta.url), 'utf8')

test('the document that is served is the one that is committed', async () => {
  const { app } = await build()
  const response = await app.inject('/openapi.json')
  expect(response.statusCode).toBe(200)
  expect(response.headers['content-type']).toBe('application/json; charset=utf-8')
  expect(`${JSON.stringify(response.json(), null, 2)}\n`).toBe(committed)
})

test('the document describes every route of the API, and nothing else', () => {
  const { openapi, paths } = JSON.parse(committed)
  expect(openapi).toBe('3.1.0')
  const operations = Object.entries<object>(paths).flatMap(([path, methods]) => Object.entries(methods).map(([method, { operationId }]) => `${method} ${path} ${operationId}`))
  expect(operations.sort()).toEqual([
    'get /api/v1/messages listMessages',
    'get /api/v1/messages/{id} getMessage',
    'post /api/v1/messages createMessage',
    'post /api/v1/messages/{id}/hide hideMessage',
    'post /api/v1/messages/{id}/restore restoreMessage'
  ])
})

test('the document says that errors are problem details', () => {
  const { paths } = JSON.parse(committed)
  const responses = Object.values<object>(paths).flatMap(methods => Object.values(methods)).flatMap(({ responses }) => Object.entries<{ content?: object }>(responses))
  const errors = responses.filter(([status]) => /^[45]/.test(status))
  expect(errors.map(([status, { content = {} }]) => [status, Object.keys(content)])).toEqual(errors.map(([status]) => [status, ['application/problem+json']]))
  expect(errors.filter(([status]) => ['4XX', '5XX'].includes(status))).toHaveLength(2 * 5)
})
