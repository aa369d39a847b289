import { Overloaded, ProblemError } from '@guestbook/service-kit'
import type { FastifyError } from 'fastify'
import { BackendClientError, BackendUnavailable, type Message } from '../backend/contract.ts'
import { messagePath } from './message-path.ts'
import { dayAndTime, type Link } from './renderer.ts'

/** Seconds to wait before retrying a failed page. */
export const RETRY_AFTER_S = 5

/**
 * Cache-Control of pages with the form. Browsers keep them for the back button, with the draft: a
 * response to a post needs this, or Chromium shows ERR_CACHE_MISS. All other uses revalidate, and
 * no shared cache stores a draft.
 */
export const FORM_PAGE_CACHING = 'private, no-cache'

export const UNREACHABLE = 'The guestbook cannot be reached just now.'

/** The visitor posted the same message some time ago. */
export class AlreadyPosted extends Error {
  override readonly name = 'AlreadyPosted'
  readonly posted: Message

  constructor (posted: Message) {
    super('The visitor has posted this message before.')
    this.posted = posted
  }
}

interface Words { title: string, text: string, link?: Link }

/** Status, headers and text of an error page. */
export interface Explanation extends Words { status: number, retryAfter?: string | number }

export const NOT_FOUND: Explanation = {
  status: 404,
  title: 'There is nothing here',
  text: 'There is no page at this address, or its message is no longer shown.'
}

const INTERNAL_ERROR: Explanation = {
  status: 500,
  title: 'Something went wrong',
  text: 'Something went wrong on our side. Please try again. ' +
    'If it keeps happening, send us the reference below.'
}

const NOT_UNDERSTOOD = 'We could not read that'

const BY_STATUS: Record<number, Words> = {
  413: {
    title: 'That is too long',
    text: 'What you sent is far too long for a guestbook. Please go back and shorten it.'
  },
  415: {
    title: NOT_UNDERSTOOD,
    text: 'The guestbook accepts only what its own form sends (application/x-www-form-urlencoded).'
  },
  429: {
    title: 'A little slower, please',
    text: 'You have sent many messages in a short time. ' +
      'Please wait a minute and send this one again.'
  }
}

/** Puts an error into words for visitors. */
export function explain (error: FastifyError): Explanation {
  if (error instanceof BackendUnavailable) {
    return {
      status: 503,
      title: 'The guestbook cannot be reached',
      text: `${UNREACHABLE} Nothing is lost: please try again in a moment.`,
      retryAfter: RETRY_AFTER_S
    }
  }
  if (error instanceof BackendClientError) return explainClientError(error)
  if (error instanceof AlreadyPosted) {
    const { createdAt, id } = error.posted
    const link = { url: messagePath(id), text: 'See it in the guestbook' }
    return { ...alreadyPosted(createdAt), link }
  }
  if (error instanceof Overloaded) {
    return {
      status: 503,
      title: 'Very busy',
      text: 'A great many people are here just now. Please try again in a moment.',
      retryAfter: RETRY_AFTER_S
    }
  }
  if (error instanceof ProblemError) {
    return {
      status: error.statusCode,
      title: 'That did not work',
      text: error.message,
      retryAfter: error.options.retryAfterSeconds
    }
  }
  const { statusCode: status = 500 } = error
  if (status >= 500) return INTERNAL_ERROR
  const text = 'The guestbook could not read what was sent.'
  return { status, ...(BY_STATUS[status] ?? { title: NOT_UNDERSTOOD, text }) }
}

function explainClientError (error: BackendClientError): Explanation {
  const { statusCode: status, errors, createdAt, retryAfter } = error
  if (status === 409 && createdAt !== undefined) {
    return alreadyPosted(createdAt, ' It is not shown in the guestbook.')
  }
  if (status === 400) {
    return {
      status,
      title: NOT_UNDERSTOOD,
      text: errors.some(({ pointer }) => pointer !== undefined)
        ? 'Please check the fields marked below.'
        : 'There is no page at this address.'
    }
  }
  const words = BY_STATUS[status]
  // Any other rejection is a bug of ours: visitors did nothing wrong.
  return words ? { status, ...words, retryAfter } : INTERNAL_ERROR
}

function alreadyPosted (createdAt: string, note = ''): Explanation {
  const text = `You already wrote this on ${dayAndTime(createdAt)}.${note}`
  return { status: 409, title: 'Already written', text }
}
