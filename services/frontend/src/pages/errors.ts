import type { App, DescribeClientError } from '@guestbook/service-kit'
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { BackendClientError, BackendUnavailable } from '../backend/contract.ts'
import type { Context } from '../context.ts'
import { draftOf } from '../form.ts'
import { explain, FORM_PAGE_CACHING, NOT_FOUND, type Explanation } from './explanations.ts'
import { NO_MESSAGES, type StaleCopy } from './newest.ts'

/** Added for a post that was rejected before its body was read: the page has no draft to show. */
const GO_BACK = ' Go back in your browser: the form there still has your text.'

/** Renders every error as a page; the page of a failed post has the form with the draft. */
export function errorPages (app: App, { pages, newest }: Context): void {
  app.setErrorHandler(async (error: FastifyError, request, reply) => {
    request.discardUnreadBody()
    const explanation = explain(error)
    if (explanation.status >= 500 && !request.isShed) {
      request.log.error({ err: error }, 'request failed')
    }
    if (request.method !== 'POST' || !request.body) {
      return await sendErrorPage(request, reply, explanation)
    }
    setHeaders(request, reply, explanation)
    const html = await pages.guestbook({
      ...(await messagesBelow(request, error)),
      isNewest: true,
      draft: draftOf(request.body),
      alert: explanation.text,
      link: explanation.link,
      fieldErrors: error instanceof BackendClientError ? error.errors : [],
      reference: request.id
    })
    return await html.send(request, reply)
  })

  app.setNotFoundHandler(async (request, reply) => {
    request.discardUnreadBody()
    return await sendErrorPage(request, reply, NOT_FOUND)
  })

  /** The messages below the form; none when they cannot be read. */
  async function messagesBelow (request: FastifyRequest, cause: Error): Promise<StaleCopy> {
    if (request.isShed) return { page: NO_MESSAGES }
    // The visitor has already waited for the post.
    if (cause instanceof BackendUnavailable) return newest.staleCopy()
    try {
      const { page, asOf } = await newest.read(request.id)
      return { page, asOf }
    } catch {
      return { page: NO_MESSAGES }
    }
  }

  async function sendErrorPage (
    request: FastifyRequest,
    reply: FastifyReply,
    explanation: Explanation
  ) {
    setHeaders(request, reply, explanation)
    const { status, title } = explanation
    const hasUnreadDraft = request.method === 'POST' && [429, 503].includes(status)
    const text = explanation.text + (hasUnreadDraft ? GO_BACK : '')
    const html = await pages.error({ title, text, reference: request.id })
    return await html.send(request, reply)
  }
}

function setHeaders (
  { method }: FastifyRequest,
  reply: FastifyReply,
  { status, retryAfter }: Explanation
): void {
  reply.code(status).header('cache-control', method === 'POST' ? FORM_PAGE_CACHING : 'no-store')
  if (retryAfter !== undefined) reply.header('retry-after', retryAfter)
}

/** The page for a malformed HTTP request, which Fastify cannot reply to. */
export const describeClientError: DescribeClientError = ({ status, detail, traceId }) => ({
  type: 'text/html; charset=utf-8',
  body: '<!doctype html><html lang="en"><meta charset="utf-8">' +
    `<title>${status}</title><h1>We could not read that</h1>` +
    `<p>${detail}</p><p>Reference: ${traceId}</p></html>\n`
})
