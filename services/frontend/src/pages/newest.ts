import { coalesce, TIME_BUDGET } from '@guestbook/service-kit'
import {
  BackendUnavailable,
  type BackendClient,
  type Caller,
  type Page
} from '../backend-client.ts'
import type { Representation } from '../representation.ts'
import type { Pages } from './view.ts'

/** The newest messages as they last were, and why they are no fresher. */
export interface LastRead {
  page: Page
  asOf: Date | undefined
  failure: { error: Error, traceId: string }
}

/** The newest messages as they are now, or as they last were. */
export type Newest = LastRead | { page: Page, html: Representation, failure?: undefined }

export const NO_MESSAGES: Page = { messages: [], nextCursor: null }

export interface NewestReader {
  /** As they are now; when that cannot be known, as they last were. */
  read: (caller: Caller) => Promise<Newest>
  /** As they last were, without asking the backend again. */
  lastRead: (failure: LastRead['failure']) => LastRead
}

/**
 * Reads the newest messages for everyone who waits at once, and renders them again only when they
 * have changed. When the backend cannot be read, what was read last is still there to be shown, but
 * not for long: messages may be hidden meanwhile.
 */
export function newestReader (client: BackendClient, pages: Pages): NewestReader {
  let last: { page: Page, html: Representation, etag: string | undefined, at: Date } | undefined

  const lastRead: NewestReader['lastRead'] = failure => {
    const isShown = last !== undefined && Date.now() - last.at.getTime() <= TIME_BUDGET.staleCopyMs
    return isShown
      ? { page: last!.page, asOf: last!.at, failure }
      : { page: NO_MESSAGES, asOf: undefined, failure }
  }

  const read = coalesce(async (caller: Caller): Promise<Newest> => {
    try {
      const read = await client.newest(caller, last?.etag)
      if (read) {
        last = {
          ...read,
          at: new Date(),
          html: await pages.guestbook({ page: read.page, isNewest: true })
        }
      }
      if (!last) throw new Error('The backend called a page unchanged that was never read.')
      last.at = new Date()
      return last
    } catch (error) {
      if (!(error instanceof BackendUnavailable)) throw error
      return lastRead({ error, traceId: caller.traceId })
    }
  })
  return { read, lastRead }
}
