import type { Message, MessageStore } from '../src/store/message-store.ts'

/** Each call opens a store on the same data. */
export type OpenStore = () => Promise<MessageStore>

/** Reads every page of visible or hidden messages, newest first. */
export async function readAll (
  store: MessageStore,
  limit = 100,
  hidden?: boolean
): Promise<Message[]> {
  const all: Message[] = []
  for (;;) {
    const page = await store.list({ limit, before: all.at(-1)?.id, hidden })
    if (page.length === 0) return all
    all.push(...page)
  }
}

/** Stores as many messages; returns the oldest first. */
export async function fill (store: MessageStore, count: number): Promise<Message[]> {
  const created: Message[] = []
  for (let number = 0; number < count; number++) {
    created.push((await store.create({ name: 'Ann', message: `Message ${number}` })).message)
  }
  return created
}
