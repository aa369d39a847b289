export interface NewMessage {
  readonly name: string
  readonly message: string
}

export interface Message extends NewMessage {
  /** UUID version 7: ids sort in the order of creation. */
  readonly id: string
  readonly createdAt: Date
  readonly hidden: boolean
  /** How often it was hidden or restored. */
  readonly version: number
}

/** `replayed`: an earlier attempt with the same idempotency key stored the message. */
export type Creation = { readonly outcome: 'created' | 'replayed', readonly message: Message }

export interface Page {
  readonly limit: number
  /** Only messages with a lower id. */
  readonly before?: string | undefined
  /** Hidden messages instead of visible ones. */
  readonly hidden?: boolean | undefined
}

/** Validity of an idempotency key; later the same key creates a new message. */
export const IDEMPOTENCY_TTL_MS = 24 * 60 * 60 * 1000

/**
 * Storage of messages. Every implementation passes the same tests (test/store-contract.ts).
 * Each method rejects with StoreUnavailable if its outcome is unknown.
 *
 * Reads see every message and moderation acknowledged before the read, and nothing that can still
 * be lost.
 */
export interface MessageStore {
  /**
   * Resolves once the message survives the loss of the process and of a minority of servers. Its id
   * is above every id that was acknowledged or read before. A known key resolves to its message,
   * once that one is equally durable.
   * @throws IdempotencyConflict if the key belongs to another text
   */
  create: (input: NewMessage, idempotencyKey?: string) => Promise<Creation>
  /** Newest first. The cost does not depend on the number of stored messages. */
  list: (page: Page) => Promise<Message[]>
  /** Includes hidden messages. */
  get: (id: string) => Promise<Message | null>
  /**
   * Resolves to the updated message. Always increments the version; an earlier call that timed out
   * has no effect afterwards.
   * @throws VersionConflict if `ifVersion` is given and the message has another version
   */
  setHidden: (id: string, hidden: boolean, ifVersion?: number) => Promise<Message | null>
  /** Removes the idempotency keys of messages created before; resolves to their number. */
  forgetKeys: (createdBefore: Date) => Promise<number>
  /** Rejects if the store cannot serve. */
  ping: () => Promise<void>
  close: () => Promise<void>
}

/** The idempotency key belongs to another message. */
export class IdempotencyConflict extends Error {}

export class VersionConflict extends Error {
  /** The current version of the message. */
  readonly version: number

  constructor (version: number) {
    super(`The message has version ${version}.`)
    this.version = version
  }
}

/** The store cannot serve, or the outcome of an operation is unknown. */
export class StoreUnavailable extends Error {}

export function replayOrConflict (existing: Message, input: NewMessage): Creation {
  if (existing.name !== input.name || existing.message !== input.message) {
    throw new IdempotencyConflict()
  }
  return { outcome: 'replayed', message: existing }
}
