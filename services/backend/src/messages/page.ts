import { createHash } from 'node:crypto'
import { coalesce } from '@guestbook/service-kit'
import type { Message, MessageStore, Page } from '../store/message-store.ts'
import { cursorAfter } from './cursor.ts'

export const DEFAULT_PAGE_SIZE = 20

/** A serialised response body, shared by many responses. */
export interface Rendered {
  readonly body: Buffer
  readonly etag: string
}

/** The default ETag is a hash of the body. */
export function render (value: object, etag?: string): Rendered {
  const body = Buffer.from(JSON.stringify(value))
  return { body, etag: etag ?? `"${createHash('sha1').update(body).digest('base64url')}"` }
}

/** A message as visitors see it. */
export const toPublicJson = ({ id, name, message, createdAt }: Message) => ({
  id,
  name,
  message,
  createdAt: createdAt.toISOString()
})
/** A message as moderators see it. */
export const toModeratorJson = (message: Message) =>
  ({ ...toPublicJson(message), hidden: message.hidden, version: message.version })

/** One page of visible messages, or of hidden ones for moderators. */
export async function readPage (
  store: MessageStore,
  { limit, before, hidden }: Page
): Promise<Rendered> {
  // One more message shows whether there is a next page.
  const found = await store.list({ limit: limit + 1, before, hidden })
  const messages = found.slice(0, limit)
  const last = messages.at(-1)
  return render({
    messages: messages.map(hidden ? toModeratorJson : toPublicJson),
    nextCursor: last && found.length > limit ? cursorAfter(last.id) : null
  })
}

/** Coalesces reads of the newest page, the most frequent request. */
export function newestPageReader (store: MessageStore): () => Promise<Rendered> {
  return coalesce(async () => await readPage(store, { limit: DEFAULT_PAGE_SIZE }))
}
