import { cursorAfter } from '../../services/backend/src/messages/cursor.ts'
import type { Guestbook } from '../lib/guestbook.ts'
import type { ServerProcess } from '../lib/server-process.ts'
import { median } from '../lib/statistics.ts'
import { measureRound } from './measure.ts'

/** Few connections, so that reads do not queue. */
const CONNECTIONS = 4
/** The number of messages that are newer than those of the deep page. */
const DEEP = { small: 900, large: 10_000 }
const SIZES = ['small', 'large'] as const
type Size = typeof SIZES[number]

export interface Book {
  guestbook: Guestbook
  /** Oldest first. */
  ids: string[]
}

/** Median milliseconds of a read: of the newest page, and of one far down. */
export type Depth = Record<Size, { messages: number, firstMs: number, deepMs: number }>

/** Shows whether a page's time depends on the number of messages, or of newer messages. */
export async function measureDepth (
  books: Record<Size, Book>,
  mongod: ServerProcess,
  rounds: number,
  seconds: number,
  say: (line: string) => void
): Promise<Depth> {
  const measure = async (size: Size, url: string) => {
    const { errors, requests, seconds: duration } = await measureRound(
      books[size].guestbook,
      mongod,
      { url, kind: 'read', connections: CONNECTIONS, seconds: Math.ceil(seconds / 2) }
    )
    if (errors > 0) throw new Error(`${errors} requests to ${url} failed.`)
    return CONNECTIONS / requests * duration * 1000
  }
  const times = {
    small: { first: [] as number[], deep: [] as number[] },
    large: { first: [] as number[], deep: [] as number[] }
  }
  for (let round = 0; round <= rounds; round++) {
    for (const size of SIZES) {
      const { guestbook: { urls: { api } }, ids } = books[size]
      const first = await measure(size, api)
      const deep = await measure(size, `${api}?cursor=${cursorAfter(ids.at(-DEEP[size])!)}`)
      if (round === 0) continue // warms up
      times[size].first.push(first)
      times[size].deep.push(deep)
    }
    if (round > 0) say(`Depth, round ${round} of ${rounds}`)
  }
  const result = (size: Size) => ({
    messages: books[size].ids.length,
    firstMs: median(times[size].first),
    deepMs: median(times[size].deep)
  })
  return { small: result('small'), large: result('large') }
}
