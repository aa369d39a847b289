import { createHash } from 'node:crypto'
import { coalesce } from '@guestbook/service-kit'
import type { Message, MessageStore, Page } from '../store/message-store.ts'
import { cursorAfter } from './cursor.ts'

export const DEFAULT_PAGE_SIZE = 20

/** JSON as it goes over the wire: made once, sent to many. */
export interface Rendered {
  readonly body: Buffer
  readonly etag: string
}

/** Its ETag is the hash of the body unless another is given. */
export function render (value: object, etag?: string): Rendered {
  const body = Buffer.from(JSON.stringify(value))
  return { body, etag: etag ?? `"${createHash('sha1').update(body).digest('base64url')}"` }
}

/** A message as everyone may see it. */
export const toWire = ({ id, name, message, createdAt }: Message) => ({
  id,
  name,
  message,
  createdAt: createdAt.toISOString()
})
/** With what only moderators are told. */
export const toModeratorWire = (message: Message) =>
  ({ ...toWire(message), hidden: message.hidden, version: message.version })

/** One page of visible messages, or of hidden ones for moderators. */
export async function readPage (
  store: MessageStore,
  { limit, before, hidden }: Page
): Promise<Rendered> {
  // One more than asked for tells whether there is a next page.
  const found = await store.list({ limit: limit + 1, before, hidden })
  const shown = found.slice(0, limit)
  const last = shown.at(-1)
  return render({
    messages: shown.map(hidden ? toModeratorWire : toWire),
    nextCursor: last && found.length > limit ? cursorAfter(last.id) : null
  })
}

/** The page nearly everyone asks for: all who wait share one read that began after they asked. */
export function newestPageReader (store: MessageStore): () => Promise<Rendered> {
  return coalesce(async () => await readPage(store, { limit: DEFAULT_PAGE_SIZE }))
}
