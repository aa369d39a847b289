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

/** `created`: stored just now. `replayed`: stored by an earlier attempt with the same idempotency key. */
export type Creation = { readonly outcome: 'created' | 'replayed', readonly message: Message }

export interface Page {
  /** At most this many messages. */
  readonly limit: number
  /** Only messages older than the one with this id. */
  readonly before?: string | undefined
  /** Hidden messages instead of visible ones. */
  readonly hidden?: boolean | undefined
}

/**
 * An idempotency key stands for its message this long; later the same key makes a new one, and
 * `forgetKeys` removes it from the store.
 */
export const IDEMPOTENCY_TTL_MS = 24 * 60 * 60 * 1000

/**
 * Where messages live. Every adapter passes the same contract suite (test/store-contract.ts).
 * Each method rejects with StoreUnavailable when its outcome is not known for certain.
 *
 * Reads see every message and every moderation that was acknowledged before the read began, and
 * nothing that could still be lost.
 */
export interface MessageStore {
  /**
   * Resolves once the message would survive the loss of the process and of a minority of servers.
   * The message is newer than every message that was acknowledged or read before.
   * Given a key that stands for a message already, resolves to that message once it is as safe.
   * @throws IdempotencyConflict when the key stands for another text.
   */
  create: (input: NewMessage, idempotencyKey?: string) => Promise<Creation>
  /** Visible messages, or hidden ones, newest first. Costs the same however many there are. */
  list: (page: Page) => Promise<Message[]>
  /** Hidden ones too; null when there is none. */
  get: (id: string) => Promise<Message | null>
  /**
   * Resolves to the message as it is then; null when there is none. Always makes a new version, and
   * an earlier call that was given up does not take effect any more.
   * @throws VersionConflict when `ifVersion` is given and the message has another version.
   */
  setHidden: (id: string, hidden: boolean, ifVersion?: number) => Promise<Message | null>
  /** Removes the idempotency keys of messages created before this; resolves to their number. */
  forgetKeys: (createdBefore: Date) => Promise<number>
  /** Rejects when the store cannot serve. */
  ping: () => Promise<void>
  close: () => Promise<void>
}

export class IdempotencyConflict extends Error {
  constructor () {
    super('The idempotency key stands for another message.')
    this.name = 'IdempotencyConflict'
  }
}

export class VersionConflict extends Error {
  readonly version: number

  constructor (version: number) {
    super(`The message has version ${version}.`)
    this.name = 'VersionConflict'
    this.version = version
  }
}

export class StoreUnavailable extends Error {
  constructor (reason: string, options?: ErrorOptions) {
    super(reason, options)
    this.name = 'StoreUnavailable'
  }
}

/** What a key that exists already means for a new message with it. */
export function replayOrConflict (existing: Message, input: NewMessage): Creation {
  if (existing.name !== input.name || existing.message !== input.message) {
    throw new IdempotencyConflict()
  }
  return { outcome: 'replayed', message: existing }
}
