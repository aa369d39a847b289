import type { App } from '@guestbook/service-kit'
import { BackendUnavailable } from '../backend/contract.ts'
import type { Context } from '../context.ts'
import { RETRY_AFTER_S, UNREACHABLE } from '../pages/explanations.ts'
import { canonicalId, messagePath } from '../pages/message-path.ts'

const params = {
  type: 'object',
  properties: { id: { type: 'string' } },
  required: ['id']
} as const

/**
 * GET /messages/:id shows one message. Unknown and hidden messages get the same response, so that
 * nobody can find out which messages are hidden.
 */
export async function messageRoute (app: App, context: Context) {
  const { client, pages, newest, publicOrigins } = context
  app.get('/messages/:id', { schema: { params } }, async (request, reply) => {
    const id = canonicalId(request.params.id)
    if (id === undefined) return reply.callNotFound()
    if (id !== request.params.id) return reply.redirect(messagePath(id), 301)

    const origin = publicOrigins[0] ?? `${request.protocol}://${request.host}`
    try {
      const message = await client.message(request.id, id)
      if (!message) return reply.callNotFound()
      reply.header('cache-control', 'no-cache') // moderators can hide it at any time
      const html = await pages.message({ message, origin })
      return await html.send(request, reply)
    } catch (error) {
      if (!(error instanceof BackendUnavailable)) throw error
      const { page, asOf } = newest.staleCopy()
      const message = page.messages.find(message => message.id === id)
      if (!message) throw error
      request.log.error({ err: error }, 'backend unavailable, serving a stale message')
      reply.code(503).header('retry-after', RETRY_AFTER_S).header('cache-control', 'no-store')
      const reference = request.id
      const html = await pages.message({ message, origin, asOf, alert: UNREACHABLE, reference })
      return await html.send(request, reply)
    }
  })
}
