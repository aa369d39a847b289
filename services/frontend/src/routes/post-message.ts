import { clientAddress, type App } from '@guestbook/service-kit'
import type { Context } from '../context.ts'
import { checkHoneypot, draftOf } from '../form.ts'
import { AlreadyPosted } from '../pages/explanations.ts'
import { messagePath } from '../pages/message-path.ts'
import { requireSameOrigin } from '../same-origin.ts'
import { visitorId } from '../visitor.ts'

/**
 * A replay of a message up to this age is a double click, a reload or a retry. The visitor of a
 * later replay may have meant to write a new message.
 */
const RETRY_WINDOW_MS = 60_000

/** POST / stores the message and redirects to its page. Errors are thrown to the error handler. */
export async function postMessageRoute (app: App, { client, publicOrigins }: Context) {
  app.post(
    '/',
    {
      config: { rateLimit: {} }, // checked before the body is read
      onRequest: requireSameOrigin(publicOrigins),
      preValidation: async request => { request.body ??= {} } // no body: a form without fields
    },
    async (request, reply) => {
      checkHoneypot(request.body)
      const { message, isReplay } = await client.post(request.id, {
        ...draftOf(request.body),
        visitorId: visitorId(request, reply),
        clientIp: clientAddress(request)
      })
      if (isReplay && Date.now() - Date.parse(message.createdAt) > RETRY_WINDOW_MS) {
        throw new AlreadyPosted(message)
      }
      return reply.redirect(messagePath(message.id), 303)
    }
  )
}
