import { coalesce, TIME_BUDGET } from '@guestbook/service-kit'
import type { BackendClient } from '../backend/client.ts'
import { BackendUnavailable, type Page } from '../backend/contract.ts'
import type { PageRenderer } from './renderer.ts'
import type { Representation } from './representation.ts'

/** The newest messages as of the last read; none when that is too long ago. */
export interface StaleCopy { page: Page, asOf?: Date | undefined }

interface Current extends StaleCopy { html: Representation, failure?: undefined }
interface Stale extends StaleCopy {
  html?: undefined
  /** Why the messages are not current, and the trace of the failed read. */
  failure: { error: Error, traceId: string }
}

export interface NewestReader {
  /** The current newest messages, or the stale copy when the backend is unavailable. */
  read: (traceId: string) => Promise<Current | Stale>
  staleCopy: () => StaleCopy
}

export const NO_MESSAGES: Page = { messages: [], nextCursor: null }

/**
 * Reads the newest messages once for all concurrent visitors, and renders them only when they have
 * changed. Keeps a copy for outages of the backend. The copy expires, since moderators may have
 * hidden messages in the meantime.
 */
export function newestReader (client: BackendClient, pages: PageRenderer): NewestReader {
  let last: { page: Page, html: Representation, etag: string | undefined } | undefined
  let readAt = new Date(0)

  const staleCopy = (): StaleCopy =>
    last && Date.now() - readAt.getTime() <= TIME_BUDGET.staleCopyMs
      ? { page: last.page, asOf: readAt }
      : { page: NO_MESSAGES }

  const read = coalesce(async (traceId: string): Promise<Current | Stale> => {
    try {
      const changed = await client.newest(traceId, last?.etag)
      if (changed) {
        const html = await pages.guestbook({ page: changed.page, isNewest: true })
        last = { ...changed, html }
      }
      if (!last) throw new Error('The backend responded 304 to an unconditional request.')
      readAt = new Date()
      return { page: last.page, html: last.html }
    } catch (error) {
      if (!(error instanceof BackendUnavailable)) throw error
      return { ...staleCopy(), failure: { error, traceId } }
    }
  })
  return { read, staleCopy }
}
