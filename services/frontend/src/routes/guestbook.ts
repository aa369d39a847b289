import type { App } from '@guestbook/service-kit'
import type { Context } from '../context.ts'
import { FORM_PAGE_CACHING, RETRY_AFTER_S, UNREACHABLE } from '../pages/explanations.ts'
import { visitorId } from '../visitor.ts'

const querystring = {
  type: 'object',
  properties: { before: { type: 'string', maxLength: 64 } }
} as const

/** GET / shows the newest messages with the form, or older messages. */
export async function guestbookRoute (app: App, { client, pages, newest }: Context) {
  app.get('/', { schema: { querystring } }, async (request, reply) => {
    visitorId(request, reply)
    reply.header('cache-control', FORM_PAGE_CACHING)
    const { before } = request.query
    if (before !== undefined) {
      const page = await client.older(request.id, before)
      const html = await pages.guestbook({ page, isNewest: false })
      return await html.send(request, reply)
    }
    const { page, html, asOf, failure } = await newest.read(request.id)
    if (!failure) return await html.send(request, reply)

    request.log.error(
      { err: failure.error, read_trace_id: failure.traceId },
      'backend unavailable, serving stale messages'
    )
    reply.code(503).header('retry-after', RETRY_AFTER_S)
    const stale = { page, asOf, isNewest: true, alert: UNREACHABLE, reference: request.id }
    const staleHtml = await pages.guestbook(stale)
    return await staleHtml.send(request, reply)
  })
}
