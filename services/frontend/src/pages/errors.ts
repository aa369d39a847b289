import { Overloaded, ProblemError, type App, type DescribeClientError } from '@guestbook/service-kit'
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { BackendClientError, BackendUnavailable, type Message } from '../backend-client.ts'
import { draftOf } from '../form.ts'
import { NO_MESSAGES, type Newest, type NewestReader } from './newest.ts'
import { messagePath } from './address.ts'
import { dayAndTime, type Link, type Pages } from './view.ts'

/** Seconds after which a visitor may expect a failed page to work again. */
export const RETRY_AFTER_S = 5

/** For a post that was refused before its body was read, so that the page cannot have the text. */
const GO_BACK = ' Go back in your browser: the form there still has your text.'

export interface ErrorPagesOptions {
  pages: Pages
  newest: NewestReader
}

/**
 * The Cache-Control of pages with the form. Browsers may keep them to go back to, with what was
 * typed: for the answer to a post that is the only way (else Chromium says ERR_CACHE_MISS). All
 * other use asks first, and no shared cache keeps a draft.
 */
export const FORM_PAGE_CACHING = 'private, no-cache'

/** The visitor has written the same before. */
export class AlreadyPosted extends Error {
  readonly createdAt: string
  readonly id: string

  constructor ({ createdAt, id }: Message) {
    super('The visitor has written the same before.')
    this.name = 'AlreadyPosted'
    this.createdAt = createdAt
    this.id = id
  }
}

interface Explanation {
  status: number
  title: string
  text: string
  link?: Link | undefined
  retryAfter?: string | number | undefined
}

/** Every error becomes a page in words for visitors with the reference code; a post's error gives the text back in the form. */
export function errorPages (app: App, { pages, newest }: ErrorPagesOptions): void {
  app.setErrorHandler(async (error: FastifyError, request, reply) => {
    request.discardUnreadBody()
    const explanation = explain(error)
    if (explanation.status >= 500 && !request.isShed) {
      request.log.error({ err: error }, 'request failed')
    }
    answerWith(request, reply, explanation)
    if (request.method === 'POST' && !request.body && [429, 503].includes(explanation.status)) {
      explanation.text += GO_BACK
    }
    if (request.method !== 'POST' || !request.body) {
      return await sendErrorPage(request, reply, explanation)
    }

    const shown = request.isShed ? undefined : await messagesBelow(request, error) // too busy to read anything
    const page = await pages.guestbook({
      page: shown?.page ?? NO_MESSAGES,
      asOf: shown?.failure && shown.asOf,
      isNewest: true,
      draft: draftOf(request.body),
      alert: explanation.text,
      link: explanation.link,
      fieldErrors: error instanceof BackendClientError ? error.errors : [],
      reference: request.id
    })
    return await page.send(request, reply)
  })

  app.setNotFoundHandler(async (request, reply) => {
    request.discardUnreadBody()
    const text = 'There is no page at this address, or its message is not shown any more.'
    const explanation = { status: 404, title: 'There is nothing here', text }
    answerWith(request, reply, explanation)
    return await sendErrorPage(request, reply, explanation)
  })

  /** None when they cannot be read: the form comes back with the draft all the same. */
  async function messagesBelow (request: FastifyRequest, cause: Error): Promise<Newest> {
    const traceId = request.id
    // Who has waited for a post in vain does not wait for a page as well.
    if (cause instanceof BackendUnavailable) return newest.lastRead({ error: cause, traceId })
    try {
      return await newest.read({ traceId })
    } catch (error) {
      return { page: NO_MESSAGES, asOf: undefined, failure: { error: error as Error, traceId } }
    }
  }

  async function sendErrorPage (
    request: FastifyRequest,
    reply: FastifyReply,
    { title, text }: Explanation
  ) {
    return await (await pages.error({ title, text, reference: request.id })).send(request, reply)
  }
}

function answerWith (
  { method }: FastifyRequest,
  reply: FastifyReply,
  explanation: Explanation
): void {
  const { status, retryAfter } = explanation
  reply.code(status).header('cache-control', method === 'POST' ? FORM_PAGE_CACHING : 'no-store')
  if (retryAfter !== undefined) reply.header('retry-after', retryAfter)
}

function explain (error: FastifyError): Explanation {
  if (error instanceof BackendUnavailable) {
    return {
      status: 503,
      title: 'The guestbook cannot be reached',
      text: 'The guestbook cannot be reached just now. Nothing is lost: please try again in a moment.',
      retryAfter: RETRY_AFTER_S
    }
  }
  if (error instanceof AlreadyPosted) {
    const text = `You already wrote this on ${dayAndTime(error.createdAt)}.`
    const link = { url: messagePath(error.id), text: 'See it in the guestbook' }
    return { status: 409, title: 'Already written', text, link }
  }
  if (
    error instanceof BackendClientError &&
    error.statusCode === 409 &&
    error.createdAt !== undefined
  ) {
    const when = dayAndTime(error.createdAt)
    const text = `You already wrote this on ${when}. It is not shown in the guestbook.`
    return { status: 409, title: 'Already written', text }
  }
  if (error instanceof BackendClientError && error.statusCode === 400) {
    const isField = error.errors.some(({ pointer }) => pointer !== undefined)
    return {
      status: 400,
      title: 'That was not understood',
      text: isField
        ? 'Please look at what is marked below.'
        : 'The address of this page is not one of ours.'
    }
  }
  if (error instanceof Overloaded) {
    return {
      status: 503,
      title: 'Very busy',
      text: 'Very many people are here just now. Please try again in a moment.',
      retryAfter: RETRY_AFTER_S
    }
  }
  if (error instanceof ProblemError) {
    return {
      status: error.statusCode,
      title: 'That did not work',
      text: error.message,
      retryAfter: error.retryAfterSeconds
    }
  }
  switch (error.statusCode) {
    case 413:
      return {
        status: 413,
        title: 'That is too long',
        text: 'What was sent is far too long for a guestbook. Go back to shorten it.'
      }
    case 415:
      return {
        status: 415,
        title: 'That was not understood',
        text: 'The guestbook reads what its own form sends (application/x-www-form-urlencoded).'
      }
    case 429:
      return {
        status: 429,
        title: 'A little slower, please',
        text: 'You have sent many messages in a short time. Please wait a minute and send this one again.',
        retryAfter: error instanceof BackendClientError ? error.retryAfter : undefined
      }
  }
  // Of another refusal by the backend the visitor is not the cause.
  const status = error instanceof BackendClientError ? 500 : error.statusCode ?? 500
  if (status < 500) {
    return {
      status,
      title: 'That was not understood',
      text: 'The guestbook could not read what was sent.'
    }
  }
  return {
    status: 500,
    title: 'Something went wrong',
    text: 'Something went wrong on our side. Please try again; if it stays, tell us the reference below.'
  }
}

/** For what is no request, as of a client that is too slow or no browser: there is no reply to render a page for. */
export const describeClientError: DescribeClientError = ({ status, detail, traceId }) => ({
  type: 'text/html; charset=utf-8',
  body: `<!doctype html><html lang="en"><meta charset="utf-8"><title>${status}</title><h1>That was not understood</h1><p>${detail}</p><p>Reference: ${traceId}</p></html>\n`
})
