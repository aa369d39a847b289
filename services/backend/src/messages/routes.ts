import {
  clientAddress, isUnchanged, ProblemError, requireBearer, type App
} from '@guestbook/service-kit'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Counter, type Registry } from 'prom-client'
import {
  IdempotencyConflict, StoreUnavailable, VersionConflict, type MessageStore
} from '../store/message-store.ts'
import { parseCursor } from './cursor.ts'
import {
  DEFAULT_PAGE_SIZE, newestPageReader, readPage, render, toModeratorJson, toPublicJson,
  type Rendered
} from './page.ts'
import { scopedKey } from './idempotency.ts'
import * as schemas from './schemas.ts'
import { normaliseMessage, normaliseName } from './text.ts'

export interface MessageRoutesOptions {
  store: MessageStore
  moderatorToken: string | undefined
  registers: Registry[]
}

type Hook = (request: FastifyRequest, reply: FastifyReply) => Promise<void>

/** Creates, lists, reads and moderates messages. */
export async function messageRoutes (
  app: App,
  { store, moderatorToken, registers }: MessageRoutesOptions
): Promise<void> {
  const messagesTotal = new Counter({
    name: 'guestbook_messages_total',
    help: 'Posts and moderations by outcome ' +
      '(created, replayed, conflict, refused, failed, hidden, restored).',
    labelNames: ['status'],
    registers
  })
  const newestPage = newestPageReader(store)
  const requireModerator = requireBearer(moderatorToken, 'MODERATOR_TOKEN')
  const limitModerator = app.rateLimit() as unknown as Hook
  schemas.addMessageSchemas(app)

  /** Hidden messages require the moderator token, and are not cached. */
  async function checkHidden (request: FastifyRequest, reply: FastifyReply): Promise<void> {
    if (!(request.query as { hidden: boolean }).hidden) {
      reply.header('cache-control', 'no-cache') // a message can be hidden at any time
      return
    }
    reply.header('cache-control', 'no-store').header('vary', 'authorization')
    await limitModerator(request, reply)
    await requireModerator(request, reply)
  }
  app.addHook('preHandler', async ({ params }) => {
    const { id } = params as { id?: string }
    if (id === undefined) return
    // Upper case and the prefix urn:uuid: denote the same UUID (RFC 9562 section 4).
    Object.assign(params as object, { id: id.slice(-UUID_LENGTH).toLowerCase() })
  })
  app.removeContentTypeParser('text/plain') // the API accepts JSON only

  app.post(
    '',
    {
      schema: {
        operationId: 'createMessage',
        summary: 'Post a message',
        description:
          'Stores one message. With an Idempotency-Key it is safe to repeat the request.',
        tags: ['messages'],
        headers: schemas.CreateHeadersSchema,
        body: schemas.NewMessageSchema,
        response: { 201: schemas.created, 409: schemas.hiddenReplay, ...schemas.problems }
      },
      config: { rateLimit: {} },
      preValidation: normaliseBody,
      // In onSend, since failures count even if the client has disconnected.
      onSend: async (_request, reply) => {
        const { statusCode } = reply
        if (statusCode === 409) return // counted as a replay
        if (statusCode === 422) messagesTotal.inc({ status: 'conflict' })
        else if (statusCode >= 500) messagesTotal.inc({ status: 'failed' })
        else if (statusCode >= 400) messagesTotal.inc({ status: 'refused' })
      }
    },
    async (request, reply) => {
      const { 'idempotency-key': key, 'idempotency-scope': scope } = request.headers
      const { outcome, message: stored } = await store.create(
        request.body,
        key ?? (scope && scopedKey(scope, request.body))
      )
      messagesTotal.inc({ status: outcome })
      if (outcome === 'replayed') reply.header('idempotency-replayed', 'true')
      if (stored.hidden) throw messageHidden(stored.createdAt.toISOString())
      reply.code(201).header('location', `/api/v1/messages/${stored.id}`)
      return toPublicJson(stored)
    }
  )

  app.get(
    '',
    {
      schema: {
        operationId: 'listMessages',
        summary: 'List messages, newest first',
        description: 'Pages through the messages. Each page is read after the request arrived.',
        tags: ['messages'],
        security: [{}, { moderator: [] }],
        querystring: schemas.PageQuerySchema,
        response: { 200: schemas.messagePage, 304: schemas.unchanged, ...schemas.moderatorProblems }
      },
      preHandler: checkHidden
    },
    async (request, reply) => {
      const { limit, cursor, hidden } = request.query
      const isNewest = cursor === undefined && limit === DEFAULT_PAGE_SIZE && !hidden
      const before = cursor === undefined ? cursor : parseCursor(cursor)
      const page = isNewest
        ? await newestPage()
        : await readPage(store, { limit, before, hidden })
      return send(request, reply, page)
    }
  )

  app.get(
    '/:id',
    {
      schema: {
        operationId: 'getMessage',
        summary: 'Read one message',
        description: 'Visitors get 404 for unknown and for hidden messages.',
        tags: ['messages'],
        security: [{}, { moderator: [] }],
        params: schemas.IdParamsSchema,
        querystring: schemas.ReadQuerySchema,
        response: { 200: schemas.message, 304: schemas.unchanged, ...schemas.moderatorProblems }
      },
      preHandler: checkHidden
    },
    async (request, reply) => {
      const found = await store.get(request.params.id)
      const { hidden: isModerator } = request.query
      if (!found || (found.hidden && !isModerator)) throw messageNotFound(request.params.id)
      // A moderator's ETag is the If-Match of hide and restore.
      const rendered = isModerator
        ? render(toModeratorJson(found), `"${found.version}"`)
        : render(toPublicJson(found))
      return send(request, reply, rendered)
    }
  )

  for (const [action, hidden] of [['hide', true], ['restore', false]] as const) {
    app.post(
      `/:id/${action}`,
      {
        schema: {
          operationId: `${action}Message`,
          summary: hidden ? 'Hide a message from visitors' : 'Show a hidden message again',
          description: 'Idempotent. With If-Match, a delayed request cannot undo a later one.',
          tags: ['moderation'],
          security: [{ moderator: [] }],
          headers: schemas.ModerateHeadersSchema,
          params: schemas.IdParamsSchema,
          response: { 200: schemas.moderatedMessage, ...schemas.moderatorProblems }
        },
        config: { rateLimit: {} },
        preValidation: requireModerator // 401 takes precedence over validation errors
      },
      async (request, reply) => {
        const { id } = request.params
        const ifMatch = request.headers['if-match']
        const moderated = await store.setHidden(
          id,
          hidden,
          ifMatch === undefined ? ifMatch : Number(ifMatch.slice(1, -1))
        )
        if (!moderated) throw messageNotFound(id)
        messagesTotal.inc({ status: hidden ? 'hidden' : 'restored' })
        request.log.info(
          { audit: true, action, message_id: id, client: clientAddress(request) },
          'message moderated'
        )
        reply.header('etag', `"${moderated.version}"`)
        return { id, hidden, version: moderated.version }
      }
    )
  }
}

/** Only the author can get it: it takes the idempotency key and the text. */
const messageHidden = (createdAt: string) =>
  new ProblemError(
    409,
    'message-hidden',
    `You posted this at ${createdAt}, and a moderator has hidden it. Nothing was stored now.`,
    { extensions: { createdAt } }
  )

const messageNotFound = (id: string) =>
  new ProblemError(404, 'not-found', `There is no message ${id}, or it is hidden.`)

const UUID_LENGTH = 36

/** Before validation, so that limits apply to the stored text. */
async function normaliseBody (request: FastifyRequest): Promise<void> {
  const body = request.body as Record<string, unknown> | null
  if (typeof body !== 'object' || body === null) return
  if (typeof body.name === 'string') body.name = normaliseName(body.name)
  if (typeof body.message === 'string') body.message = normaliseMessage(body.message)
}

function send (request: FastifyRequest, reply: FastifyReply, { body, etag }: Rendered) {
  reply.header('etag', etag)
  if (isUnchanged(request, etag)) return reply.code(304).send()
  return reply.type('application/json; charset=utf-8').send(body)
}

/** Maps errors of the store to problems. */
export function storeProblem (error: unknown): ProblemError | undefined {
  if (error instanceof IdempotencyConflict) {
    return new ProblemError(
      422,
      'idempotency-key-reused',
      'This Idempotency-Key was used for another message. Use a new key for a new message.',
      { errors: [{ header: 'idempotency-key', detail: 'was used for another message' }] }
    )
  }
  if (error instanceof VersionConflict) {
    return new ProblemError(
      412,
      'version-changed',
      `The message has version ${error.version} now. Read it again, or omit If-Match.`,
      { errors: [{ header: 'if-match', detail: `is not "${error.version}"` }] }
    )
  }
  if (error instanceof StoreUnavailable) {
    const detail = 'The store is unavailable. Try again with the same Idempotency-Key.'
    return new ProblemError(503, 'store-unavailable', detail, { retryAfterSeconds: 2 })
  }
}
