import { createHash } from 'node:crypto'
import { coalesce } from '@guestbook/service-kit'
import type { Message, MessageStore } from '../store/message-store.ts'
import { cursorAfter } from './cursor.ts'

export const DEFAULT_PAGE_SIZE = 20

/** A page as it goes over the wire: made once, sent to many. */
export interface RenderedPage {
  readonly body: Buffer
  readonly etag: string
}

export const toWire = ({ id, name, message, createdAt }: Message) => ({ id, name, message, createdAt: createdAt.toISOString() })

export async function readPage (store: MessageStore, limit: number, before?: string): Promise<RenderedPage> {
  // One more than asked for tells whether there is a next page.
  const found = await store.list({ limit: limit + 1, before })
  const shown = found.slice(0, limit)
  const last = shown.at(-1)
  const body = Buffer.from(JSON.stringify({
    messages: shown.map(toWire),
    nextCursor: last && found.length > limit ? cursorAfter(last.id) : null
  }))
  return { body, etag: `"${createHash('sha1').update(body).digest('base64url')}"` }
}

/** The page nearly everyone asks for: all who wait share one read that began after they asked. */
export function newestPageReader (store: MessageStore): () => Promise<RenderedPage> {
  return coalesce(async () => await readPage(store, DEFAULT_PAGE_SIZE))
}
