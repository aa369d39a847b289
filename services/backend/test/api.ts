import { expect } from '@jest/globals'
import type { App } from '@guestbook/service-kit'
import { problem } from '@guestbook/service-kit/testing'
import type { LightMyRequestResponse } from 'fastify'

export const MESSAGES = '/api/v1/messages'
export const TOKEN = 'moderator-token-of-tests'
export const UNKNOWN_ID = '0198c0de-0000-7000-8000-000000000000'

export const hello = { name: 'Ann', message: 'Hello' }
export const anId = expect.stringMatching(
  /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/
)
export const aTime = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)

type Headers = Record<string, string>

export async function post (
  app: App,
  payload: object | string | Buffer,
  headers: Headers = {}
): Promise<LightMyRequestResponse> {
  return await app.inject({
    method: 'POST',
    url: MESSAGES,
    payload,
    headers: { 'content-type': 'application/json', ...headers }
  })
}

export async function get (
  app: App,
  path = '',
  headers: Headers = {}
): Promise<LightMyRequestResponse> {
  return await app.inject({ url: MESSAGES + path, headers })
}

/** Posts messages and expects success; returns the newest first. */
export async function fill (app: App, count: number) {
  const posted: Array<{ id: string, name: string, message: string, createdAt: string }> = []
  for (let number = 1; number <= count; number++) {
    const response = await post(app, { name: 'Ann', message: `Message ${number}` })
    expect(response.statusCode).toBe(201)
    posted.unshift(response.json())
  }
  return posted
}

export async function moderate (
  app: App,
  action: 'hide' | 'restore',
  id: string,
  authorization?: string,
  headers: Headers = {}
): Promise<LightMyRequestResponse> {
  return await app.inject({
    method: 'POST',
    url: `${MESSAGES}/${id}/${action}`,
    headers: { ...(authorization !== undefined && { authorization }), ...headers }
  })
}

/** Common part of the responses of `inject` and `fetch`. */
interface Answer {
  statusCode: number
  headers: Record<string, unknown>
  json: () => unknown
}

export interface ExpectedProblem {
  status: number
  kind: string
  detail?: unknown
  errors?: object[]
  extensions?: object
}

/** The problem of invalid values. */
export const invalid = (...errors: object[]): ExpectedProblem => ({
  status: 400,
  kind: 'invalid-input',
  detail: 'Some values are invalid; errors lists each of them.',
  errors
})

/** Expects exactly this problem: status, media type and all fields of the body. */
export function expectProblem (
  response: Answer,
  { status, kind, detail = expect.any(String), errors, extensions }: ExpectedProblem
): void {
  const title = kind.charAt(0).toUpperCase() + kind.slice(1).replaceAll('-', ' ')
  const more = { ...(errors && { errors }), ...extensions }
  expect(response.json()).toEqual(problem(status, title, detail, more))
  expect(response.statusCode).toBe(status)
  expect(response.headers['content-type']).toMatch(/^application\/problem\+json(; charset=utf-8)?$/)
}
