import { cursorAfter } from '../../services/backend/src/messages/cursor.ts'
import type { GuestbookContestant } from './contestants.ts'
import { measureRound } from './measure.ts'
import type { ServerProcess } from '../lib/server-process.ts'
import { median } from './summary.ts'

/** Few, so that it is the time of a read that is measured and not a queue. */
const CONNECTIONS = 4
/** How many messages are newer than the deep page's, and in the small guestbook. */
const DEEP = { small: 900, large: 10_000 }

export interface Book {
  guestbook: GuestbookContestant
  /** Oldest first. */
  ids: string[]
}

/** Milliseconds a read takes, medians: the newest page and one far down, by the API and as a page. */
export type Depth = Record<'small' | 'large', { messages: number, firstMs: number, deepMs: number }>

/** A page's time must not depend on how many messages there are, nor on how many are newer. */
export async function measureDepth (
  books: Record<'small' | 'large', Book>,
  mongod: ServerProcess,
  rounds: number,
  seconds: number,
  say: (line: string) => void
): Promise<Depth> {
  const times = {
    small: { first: [] as number[], deep: [] as number[] },
    large: { first: [] as number[], deep: [] as number[] }
  }
  for (let round = 0; round <= rounds; round++) {
    for (const size of ['small', 'large'] as const) {
      const { guestbook, ids } = books[size]
      const urls = {
        first: guestbook.urls.api,
        deep: `${guestbook.urls.api}?cursor=${cursorAfter(ids.at(-DEEP[size])!)}`
      }
      for (const at of ['first', 'deep'] as const) {
        const measured = await measureRound(guestbook, mongod, {
          url: urls[at],
          kind: 'read',
          connections: CONNECTIONS,
          seconds: Math.ceil(seconds / 2)
        })
        if (measured.errors > 0) {
          throw new Error(`${measured.errors} requests to ${urls[at]} failed.`)
        }
        if (round > 0) {
          times[size][at].push((CONNECTIONS / measured.requests) * measured.seconds * 1000)
        } // the first round warms up
      }
    }
    if (round > 0) say(`Depth, round ${round} of ${rounds}`)
  }
  const result = (size: 'small' | 'large') => ({
    messages: books[size].ids.length,
    firstMs: median(times[size].first),
    deepMs: median(times[size].deep)
  })
  return { small: result('small'), large: result('large') }
}
