import type { App } from '@guestbook/service-kit'
import { BackendUnavailable } from '../backend-client.ts'
import { canonicalId, messagePath } from './address.ts'
import { RETRY_AFTER_S } from './errors.ts'
import type { GuestbookOptions } from './guestbook.ts'

/**
 * One message, at an address that lasts. An id that no message has and one of a hidden message get
 * the same answer, so that nobody learns which messages are hidden.
 */
export async function messageRoute (
  app: App,
  { client, pages, newest, publicOrigins }: GuestbookOptions
): Promise<void> {
  app.get(
    '/messages/:id',
    {
      schema: {
        params: { type: 'object', properties: { id: { type: 'string' } }, required: ['id'] }
      }
    },
    async (request, reply) => {
      const id = canonicalId(request.params.id)
      if (id === undefined) return reply.callNotFound()
      if (id !== request.params.id) return reply.redirect(messagePath(id), 301)

      const origin = publicOrigins[0] ?? `${request.protocol}://${request.host}`
      try {
        const message = await client.message({ traceId: request.id }, id)
        if (!message) return reply.callNotFound()
        reply.header('cache-control', 'no-cache') // it may be hidden at any time
        return await (await pages.message({ message, origin })).send(request, reply)
      } catch (error) {
        if (!(error instanceof BackendUnavailable)) throw error
        const { page, asOf } = newest.lastRead({ error, traceId: request.id })
        const message = page.messages.find(message => message.id === id)
        if (!message) throw error
        request.log.error({ err: error }, 'showing a message that may be hidden since')
        reply.code(503).header('retry-after', RETRY_AFTER_S).header('cache-control', 'no-store')
        const alert = 'The guestbook cannot be reached just now.'
        const html = await pages.message({ message, origin, asOf, alert, reference: request.id })
        return await html.send(request, reply)
      }
    }
  )
}
