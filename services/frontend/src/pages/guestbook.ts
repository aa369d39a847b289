import { clientAddress, type App } from '@guestbook/service-kit'
import type { BackendClient } from '../backend-client.ts'
import { draftOf, checkHoneypot } from '../form.ts'
import { requireSameOrigin } from '../same-origin.ts'
import { idempotencyKey, visitorId } from '../visitor.ts'
import type { NewestReader } from './newest.ts'
import { messagePath } from './address.ts'
import { AlreadyPosted, FORM_PAGE_CACHING, RETRY_AFTER_S } from './errors.ts'
import type { Pages } from './view.ts'

/**
 * A post that repeats a message of up to this age is a double click, a reload or another try after
 * an error: the visitor means the same message. One that repeats an older message may well be meant
 * as a new one.
 */
const REPEAT_MS = 60_000

export interface GuestbookOptions {
  client: BackendClient
  pages: Pages
  newest: NewestReader
  /** Origins from which forms are taken, beside that of the request's host; the first is in links. */
  publicOrigins: string[]
}

/** The guestbook itself: read, turn to older messages, sign. What goes wrong is thrown to the error pages. */
export async function guestbookRoutes (
  app: App,
  { client, pages, newest, publicOrigins }: GuestbookOptions
): Promise<void> {
  app.get(
    '/',
    {
      schema: {
        querystring: { type: 'object', properties: { before: { type: 'string', maxLength: 64 } } }
      }
    },
    async (request, reply) => {
      const caller = { traceId: request.id }
      visitorId(request, reply)
      reply.header('cache-control', FORM_PAGE_CACHING)
      const { before } = request.query
      if (before !== undefined) {
        const page = await client.older(caller, before)
        return await (await pages.guestbook({ page, isNewest: false })).send(request, reply)
      }
      const shown = await newest.read(caller)
      if (!shown.failure) return await shown.html.send(request, reply)

      request.log.error(
        { err: shown.failure.error, read_trace_id: shown.failure.traceId },
        'showing messages that may be old'
      )
      reply.code(503).header('retry-after', RETRY_AFTER_S)
      return await (
        await pages.guestbook({
          page: shown.page,
          asOf: shown.asOf,
          isNewest: true,
          reference: request.id,
          alert: 'The guestbook cannot be reached just now.'
        })
      ).send(request, reply)
    }
  )

  app.post(
    '/',
    {
      onRequest: requireSameOrigin(publicOrigins),
      preValidation: async request => {
        request.body ??= {}
      }, // no body is a form without fields
      config: { rateLimit: {} } // before the body is read
    },
    async (request, reply) => {
      checkHoneypot(request.body)
      const draft = draftOf(request.body)
      const { message, isReplay } = await client.post(
        { traceId: request.id },
        {
          ...draft,
          idempotencyKey: idempotencyKey(visitorId(request, reply), draft),
          clientIp: clientAddress(request)
        }
      )
      if (isReplay && Date.now() - Date.parse(message.createdAt) > REPEAT_MS) {
        throw new AlreadyPosted(message)
      }
      return reply.redirect(messagePath(message.id), 303)
    }
  )
}
