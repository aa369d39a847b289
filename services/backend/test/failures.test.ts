import { setImmediate } from 'node:timers/promises'
import { expect, test } from '@jest/globals'
import type { InjectOptions } from 'fastify'
import {
  IdempotencyConflict, VersionConflict, type MessageStore
} from '../src/store/message-store.ts'
import { hello, MESSAGES, TOKEN } from './api.ts'
import { fakeMessage, fakeStore } from './fake-store.ts'
import { build, cleanUp } from './helper.ts'

const ID = fakeMessage(1).id
const HIDDEN = { ...fakeMessage(1), hidden: true }
const fails = (error: Error) => async () => { throw error }
const POST = { method: 'POST', url: MESSAGES, payload: hello } as const
const LIST = { url: `${MESSAGES}?limit=5` } as const
const HIDE = {
  method: 'POST', url: `${MESSAGES}/${ID}/hide`, headers: { authorization: `Bearer ${TOKEN}` }
} as const
const JSON_TYPE = { 'content-type': 'application/json' }
const CSV_TYPE = { 'content-type': 'text/csv' }
const broken = fails(new Error('broken'))
const BROKEN = { create: broken, list: broken, get: broken, setHidden: broken }

/** Sends requests to a service with this store; returns the last response. */
interface Case {
  store?: Partial<MessageStore>
  env?: Record<string, string>
  isFaulty?: boolean
  request: InjectOptions | InjectOptions[]
}

/** The expected response, metrics and log. */
interface Outcome {
  answer: [status: number, kind: string]
  /** Route and status of each request. */
  requests: string[]
  /** Outcomes of posts. */
  messages: string[]
  /** Operations of the store with their outcome. */
  operations: string[]
  log: Array<[level: string, message: string]>
}

const list = MESSAGES
const route = `${MESSAGES}/:id`
const FAILED: Outcome['log'] = [['error', 'request failed'], ['error', 'request']]
const REJECTED: Outcome['log'] = [['info', 'request']]

const ROWS: Array<[what: string, Case, Outcome]> = [
  ['a post while the store is down', { request: POST }, {
    answer: [503, 'store-unavailable'],
    requests: [`POST ${list} 503`],
    messages: ['failed 1'],
    operations: ['create unavailable'],
    log: FAILED
  }],
  ['a list while the store is down', { request: LIST }, {
    answer: [503, 'store-unavailable'],
    requests: [`GET ${list} 503`],
    messages: [],
    operations: ['list unavailable'],
    log: FAILED
  }],
  ['a post that breaks the store', { store: BROKEN, request: POST }, {
    answer: [500, 'internal-error'],
    requests: [`POST ${list} 500`],
    messages: ['failed 1'],
    operations: ['create error'],
    log: FAILED
  }],
  ['a read that breaks the store', { store: BROKEN, request: { url: `${MESSAGES}/${ID}` } }, {
    answer: [500, 'internal-error'],
    requests: [`GET ${route} 500`],
    messages: [],
    operations: ['get error'],
    log: FAILED
  }],
  ['a hide that breaks the store', { store: BROKEN, request: HIDE }, {
    answer: [500, 'internal-error'],
    requests: [`POST ${route}/hide 500`],
    messages: [],
    operations: ['set_hidden error'],
    log: FAILED
  }],
  ['an injected error', { isFaulty: true, request: POST }, {
    answer: [500, 'internal-error'],
    requests: [`POST ${list} 500`],
    messages: ['failed 1'],
    operations: [],
    log: FAILED
  }],
  ['a post beyond the limit in flight', {
    store: { create: async () => await new Promise(() => {}) },
    env: { MAX_POSTS_IN_FLIGHT: '1' },
    request: [POST, POST]
  }, {
    answer: [503, 'overloaded'],
    requests: [`POST ${list} 503`],
    messages: ['failed 1'],
    operations: [],
    log: [['warn', 'overloaded, shedding requests']]
  }],
  ['a post over the rate limit', {
    store: { create: async () => ({ outcome: 'created', message: fakeMessage(1) }) },
    env: { RATE_LIMIT_POSTS: '1' },
    request: [POST, POST]
  }, {
    answer: [429, 'too-many-requests'],
    requests: [`POST ${list} 201`, `POST ${list} 429`],
    messages: ['created 1', 'refused 1'],
    operations: ['create ok'],
    log: [...REJECTED, ...REJECTED]
  }],
  ['a body that is too large', { request: { ...POST, payload: { name: 'x'.repeat(65_536) } } }, {
    answer: [413, 'payload-too-large'],
    requests: [`POST ${list} 413`],
    messages: ['refused 1'],
    operations: [],
    log: REJECTED
  }],
  ['broken JSON', { request: { ...POST, payload: '{', headers: JSON_TYPE } }, {
    answer: [400, 'bad-request'],
    requests: [`POST ${list} 400`],
    messages: ['refused 1'],
    operations: [],
    log: REJECTED
  }],
  ['a body of another type', { request: { ...POST, payload: 'x', headers: CSV_TYPE } }, {
    answer: [415, 'unsupported-media-type'],
    requests: [`POST ${list} 415`],
    messages: ['refused 1'],
    operations: [],
    log: REJECTED
  }],
  ['a key of another text', {
    store: { create: fails(new IdempotencyConflict()) }, request: POST
  }, {
    answer: [422, 'idempotency-key-reused'],
    requests: [`POST ${list} 422`],
    messages: ['conflict 1'],
    operations: ['create conflict'],
    log: REJECTED
  }],
  ['the replay of a hidden message', {
    store: { create: async () => ({ outcome: 'replayed', message: HIDDEN }) },
    request: POST
  }, {
    answer: [409, 'message-hidden'],
    requests: [`POST ${list} 409`],
    messages: ['replayed 1'],
    operations: ['create ok'],
    log: REJECTED
  }],
  ['a hide of another version', {
    store: { setHidden: fails(new VersionConflict(3)) }, request: HIDE
  }, {
    answer: [412, 'version-changed'],
    requests: [`POST ${route}/hide 412`],
    messages: [],
    operations: ['set_hidden conflict'],
    log: REJECTED
  }],
  ['a hide without a token', { request: { ...HIDE, headers: {} } }, {
    answer: [401, 'unauthorized'],
    requests: [`POST ${route}/hide 401`],
    messages: [],
    operations: [],
    log: [['warn', 'bearer token rejected'], ...REJECTED]
  }],
  ['a hide with moderation disabled', { env: { MODERATOR_TOKEN: '' }, request: HIDE }, {
    answer: [403, 'not-enabled'],
    requests: [`POST ${route}/hide 403`],
    messages: [],
    operations: [],
    log: REJECTED
  }],
  ['an unknown path', { request: { url: '/api/v2' } }, {
    answer: [404, 'not-found'],
    requests: ['GET not_found 404'],
    messages: [],
    operations: [],
    log: REJECTED
  }],
  ['another method', { request: { method: 'PUT', url: MESSAGES } }, {
    answer: [405, 'method-not-allowed'],
    requests: [`PUT ${list} 405`],
    messages: [],
    operations: [],
    log: REJECTED
  }]
]

test.each(ROWS)('%s is visible to client, metrics and log', async (_what, sent, expected) => {
  const env = { MODERATOR_TOKEN: TOKEN, ...sent.env }
  const { app, management, service } = await build({ env, store: fakeStore(sent.store) })
  if (sent.isFaulty) {
    service.faults.set({ errorRate: 1, expiresInSeconds: 60 })
    cleanUp(() => { service.faults.clear() })
    service.lines.length = 0
  }
  let answer = app.inject('/health')
  for (const request of [sent.request].flat()) {
    answer = app.inject(request)
    await setImmediate() // each in its own turn, as from connections
  }
  const response = await answer
  const { body } = await management.inject('/metrics')
  const series = (pattern: RegExp) =>
    [...body.matchAll(pattern)].map(([, ...labels]) => labels.join(' ')).sort()
  expect({
    answer: [response.statusCode, response.json().type.replace('urn:guestbook:problem:', '')],
    requests: series(/^http_requests_total\{method="(.+)",route="(.+)",status_code="(.+)"\} 1$/gm),
    messages: series(/^guestbook_messages_total\{status="(\w+)"\} (\d+)$/gm),
    operations: series(/^guestbook_store_\w+_count\{operation="(.+)",outcome="(.+)"\} 1$/gm),
    log: service.lines.map(({ level, msg }) => [level, msg])
  }).toEqual(expected)
})
