import { expect } from '@jest/globals'
import type { App } from '@guestbook/service-kit'
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
  authorization?: string
): Promise<LightMyRequestResponse> {
  return await app.inject({
    method: 'POST',
    url: `${MESSAGES}/${id}/${action}`,
    headers: authorization === undefined ? {} : { authorization }
  })
}

const TITLES = {
  'bad-request': 'Bad request',
  'idempotency-key-reused': 'Idempotency key reused',
  'internal-error': 'Internal error',
  'invalid-input': 'Invalid input',
  'message-hidden': 'Message hidden',
  'method-not-allowed': 'Method not allowed',
  'not-enabled': 'Not enabled',
  'not-found': 'Not found',
  'payload-too-large': 'Payload too large',
  'store-unavailable': 'Store unavailable',
  'too-many-requests': 'Too many requests',
  unauthorized: 'Unauthorized',
  'unsupported-media-type': 'Unsupported media type',
  'version-changed': 'Version changed'
}

/** Common part of the responses of `inject` and `fetch`. */
interface Answer {
  statusCode: number
  headers: Record<string, unknown>
  json: () => unknown
}

export interface ExpectedProblem {
  status: number
  kind: keyof typeof TITLES
  detail?: unknown
  errors?: object[]
  extensions?: object
}

/** Expects exactly this problem: status, media type and all fields of the body. */
export function expectProblem (
  response: Answer,
  { status, kind, detail = expect.any(String), errors, extensions }: ExpectedProblem
): void {
  expect(response.json()).toEqual({
    type: `urn:guestbook:problem:${kind}`,
    title: TITLES[kind],
    status,
    detail,
    traceId: expect.stringMatching(/^[0-9a-f]{32}$/),
    ...(errors && { errors }),
    ...extensions
  })
  expect(response.statusCode).toBe(status)
  expect(response.headers['content-type']).toMatch(/^application\/problem\+json(; charset=utf-8)?$/)
}
