import { invalidInput, isUnchanged, normaliseLine, normaliseText, ProblemError, requireBearer, type App } from '@guestbook/service-kit'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Counter, type Registry } from 'prom-client'
import { IdempotencyConflict, StoreUnavailable, VersionConflict, type MessageStore } from '../store/message-store.ts'
import { parseCursor } from './cursor.ts'
import { DEFAULT_PAGE_SIZE, newestPageReader, readPage, toWire, type RenderedPage } from './page.ts'
import { addMessageSchemas, CreateHeadersSchema, IdParamsSchema, message, messagePage, ModeratedMessageSchema, ModerateHeadersSchema, NewMessageSchema, PageQuerySchema, problems } from './schemas.ts'

export interface MessageRoutesOptions {
  store: MessageStore
  moderatorToken: string | undefined
  registers: Registry[]
}

/** Creates, lists, reads and moderates messages. */
export async function messageRoutes (app: App, { store, moderatorToken, registers }: MessageRoutesOptions): Promise<void> {
  const counted = new Counter({
    name: 'guestbook_messages_total',
    help: 'Posts and moderations by what became of them (created, replayed, conflict, refused, failed, hidden, restored).',
    labelNames: ['status'],
    registers
  })
  const newestPage = newestPageReader(store)
  addMessageSchemas(app)
  app.removeContentTypeParser('text/plain') // Fastify reads it by default; the API speaks JSON only

  app.post('', {
    schema: {
      operationId: 'createMessage',
      summary: 'Post a message',
      headers: CreateHeadersSchema,
      body: NewMessageSchema,
      response: { 201: message, ...problems }
    },
    config: { rateLimit: {} },
    preValidation: normaliseBody,
    // When the answer is ready, not when it is out: a client that has given up must not make the failure invisible.
    onSend: async (_request, reply) => {
      const { statusCode } = reply
      if (statusCode === 422) counted.inc({ status: 'conflict' })
      else if (statusCode >= 500) counted.inc({ status: 'failed' })
      else if (statusCode >= 400) counted.inc({ status: 'refused' })
    }
  }, async (request, reply) => {
    const { outcome, message: stored } = await store.create(request.body, request.headers['idempotency-key'])
    counted.inc({ status: outcome })
    if (outcome === 'replayed') reply.header('idempotency-replayed', 'true')
    reply.code(201).header('location', `/api/v1/messages/${stored.id}`)
    return toWire(stored)
  })

  app.get('', {
    schema: {
      operationId: 'listMessages',
      summary: 'List messages, newest first',
      querystring: PageQuerySchema,
      response: { 200: messagePage, 304: { type: 'null', description: 'Unchanged since the ETag sent as If-None-Match' }, ...problems }
    }
  }, async (request, reply) => {
    const { limit, cursor } = request.query
    const isNewest = cursor === undefined && limit === DEFAULT_PAGE_SIZE
    const page = isNewest ? await newestPage() : await readPage(store, limit, cursor === undefined ? cursor : parseCursor(cursor))
    return sendPage(request, reply, page)
  })

  app.get('/:id', {
    schema: {
      operationId: 'getMessage',
      summary: 'Read one message',
      params: IdParamsSchema,
      response: { 200: message, ...problems }
    }
  }, async request => {
    const found = await store.get(request.params.id)
    if (!found || found.hidden) throw noSuchMessage(request.params.id)
    return toWire(found)
  })

  for (const [action, hidden] of [['hide', true], ['restore', false]] as const) {
    app.post(`/:id/${action}`, {
      schema: {
        operationId: `${action}Message`,
        summary: hidden ? 'Hide a message from visitors' : 'Show a hidden message again',
        security: [{ moderator: [] }],
        headers: ModerateHeadersSchema,
        params: IdParamsSchema,
        response: { 200: ModeratedMessageSchema, ...problems }
      },
      config: { rateLimit: {} },
      preHandler: requireBearer(moderatorToken, 'MODERATOR_TOKEN')
    }, async (request, reply) => {
      const { id } = request.params
      const ifMatch = request.headers['if-match']
      const moderated = await store.setHidden(id, hidden, ifMatch === undefined ? ifMatch : Number(ifMatch.slice(1, -1)))
      if (!moderated) throw noSuchMessage(id)
      counted.inc({ status: hidden ? 'hidden' : 'restored' })
      request.log.info({ audit: true, action, message_id: id, client: request.ip }, 'message moderated')
      reply.header('etag', `"${moderated.version}"`)
      return { id, hidden, version: moderated.version }
    })
  }
}

const noSuchMessage = (id: string) => new ProblemError(404, 'not-found', `There is no message ${id}, or it is hidden.`)

/** Before validation, so that limits apply to what would be stored. */
async function normaliseBody (request: FastifyRequest): Promise<void> {
  const body = request.body as Record<string, unknown> | null
  if (typeof body !== 'object' || body === null) return
  const broken = ['name', 'message'].filter(field => typeof body[field] === 'string' && !body[field].isWellFormed())
  if (broken.length > 0) {
    throw invalidInput(broken.map(field => ({ pointer: `#/${field}`, detail: 'contains half of a surrogate pair, which no text can hold' })))
  }
  if (typeof body.name === 'string') body.name = normaliseLine(body.name)
  if (typeof body.message === 'string') body.message = normaliseText(body.message)
}

function sendPage (request: FastifyRequest, reply: FastifyReply, { body, etag }: RenderedPage) {
  reply.header('etag', etag).header('cache-control', 'no-cache')
  if (isUnchanged(request, etag)) return reply.code(304).send()
  return reply.type('application/json; charset=utf-8').send(body)
}

/** What the store refuses, in the terms of the API. */
export function storeProblem (error: unknown): ProblemError | undefined {
  if (error instanceof IdempotencyConflict) {
    return new ProblemError(422, 'idempotency-key-reused', 'This Idempotency-Key was used for another message. Use a new key for a new message.', {
      errors: [{ header: 'idempotency-key', detail: 'was used for another message' }]
    })
  }
  if (error instanceof VersionConflict) {
    return new ProblemError(412, 'version-changed', `The message was moderated since: its version is ${error.version}. Read it again, or leave If-Match away.`, {
      errors: [{ header: 'if-match', detail: `is not "${error.version}"` }]
    })
  }
  if (error instanceof StoreUnavailable) {
    return new ProblemError(503, 'store-unavailable', 'Messages cannot be read or stored just now. Try again with the same Idempotency-Key.', { retryAfterSeconds: 2, cause: error })
  }
}
