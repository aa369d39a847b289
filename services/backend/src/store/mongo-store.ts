import { randomUUID } from 'node:crypto'
import { TIME_BUDGET } from '@guestbook/service-kit'
import type { Filter } from 'mongodb'
import {
  IDEMPOTENCY_TTL_MS, replayOrConflict, VersionConflict, type Creation, type Message,
  type MessageStore, type NewMessage, type Page
} from './message-store.ts'
import {
  MongoConnection, retryOnce, type MessageDocument, type MongoConnectionOptions
} from './mongo-connection.ts'
import { createInserter, DuplicateKey, type Insertion } from './mongo-insert.ts'

/** Keys removed by one command, so that it does not delay others. */
const KEY_BATCH_SIZE = 1000

/**
 * Messages in a MongoDB replica set. A message is one document, inserted once and acknowledged by a
 * majority with the journal on disk; concurrent messages share a command. Reads return what a
 * majority has acknowledged, from a primary that a majority has confirmed. The driver finds the new
 * primary after a failover.
 */
export class MongoStore implements MessageStore {
  readonly #connection: MongoConnection
  readonly #messages: MongoConnection['messages']
  readonly #insert: (insertion: Insertion) => Promise<void>

  constructor (options: MongoConnectionOptions) {
    this.#connection = new MongoConnection(options)
    this.#messages = this.#connection.messages
    this.#insert = createInserter(this.#messages)
  }

  async create (input: NewMessage, idempotencyKey: string = randomUUID()): Promise<Creation> {
    return await this.#connection.run(
      TIME_BUDGET.storeWriteMs,
      async () => await this.#create(input, idempotencyKey)
    )
  }

  async #create ({ name, message }: NewMessage, idempotencyKey: string): Promise<Creation> {
    const insertion: Insertion = {
      fields: { name, message, createdAt: new Date(), hidden: false, idempotencyKey },
      ids: []
    }
    try {
      await this.#insert(insertion)
      return {
        outcome: 'created',
        message: toMessage({ _id: insertion.ids.at(-1)!, ...insertion.fields })
      }
    } catch (error) {
      if (!(error instanceof DuplicateKey)) throw error
    }
    // An earlier insert exists, but a majority may not have acknowledged it yet.
    const existing = await this.#findConfirmed({ idempotencyKey })
    if (existing && Date.now() - existing.createdAt.getTime() < IDEMPOTENCY_TTL_MS) {
      const creation = replayOrConflict(toMessage(existing), { name, message })
      return insertion.ids.includes(existing._id) ? { ...creation, outcome: 'created' } : creation
    }
    if (existing) {
      await this.#messages.updateOne(
        { _id: existing._id, idempotencyKey },
        { $unset: { idempotencyKey: 1 } }
      )
    }
    return await this.#create({ name, message }, idempotencyKey)
  }

  async list ({ limit, before, hidden = false }: Page): Promise<Message[]> {
    const filter = { hidden, ...(before !== undefined && { _id: { $lt: before } }) }
    const documents = await this.#read(
      async () =>
        await this.#messages
          .find(filter, { projection: { idempotencyKey: 0 }, maxTimeMS: TIME_BUDGET.mongoReadMs })
          .sort({ _id: -1 })
          .limit(limit)
          .toArray()
    )
    return documents.map(toMessage)
  }

  async get (id: string): Promise<Message | null> {
    const document = await this.#read(async () => await this.#find({ _id: id }))
    return document && toMessage(document)
  }

  async setHidden (id: string, hidden: boolean, ifVersion?: number): Promise<Message | null> {
    return await this.#connection.run(TIME_BUDGET.storeWriteMs, async signal => {
      const update = async () => await this.#setHidden(id, { hidden, ifVersion, signal })
      return ifVersion === undefined ? await retryOnce(update) : await update()
    })
  }

  /**
   * The update names the version that it was decided on, so that a delayed one has no effect after
   * a later one. It always changes the document: a primary that was already replaced would
   * acknowledge an update without effect.
   */
  async #setHidden (
    id: string,
    { hidden, ifVersion, signal }:
    { hidden: boolean, ifVersion: number | undefined, signal: AbortSignal }
  ): Promise<Message | null> {
    for (;;) {
      const existing = await this.#findConfirmed({ _id: id })
      signal.throwIfAborted() // after the timeout, it could undo a later acknowledged change
      if (!existing) return null
      const { version } = existing
      if (ifVersion !== undefined && ifVersion !== (version ?? 0)) {
        throw new VersionConflict(version ?? 0)
      }
      const updated = await this.#messages.findOneAndUpdate(
        // null matches an absent field too
        { _id: id, version: (version ?? null) as number },
        { $set: { hidden }, $inc: { version: 1 } },
        { returnDocument: 'after', maxTimeMS: TIME_BUDGET.mongoWriteMs }
      )
      if (updated) return toMessage(updated)
    }
  }

  async forgetKeys (createdBefore: Date): Promise<number> {
    const expired = { createdAt: { $lt: createdBefore }, idempotencyKey: { $exists: true } }
    let [forgotten, found] = [0, 0]
    do {
      found = await this.#connection.run(TIME_BUDGET.storeWriteMs, async () => {
        const documents = await this.#messages
          .find(expired, { projection: { _id: 1 }, maxTimeMS: TIME_BUDGET.mongoWriteMs })
          .limit(KEY_BATCH_SIZE)
          .toArray()
        const filter = { ...expired, _id: { $in: documents.map(({ _id }) => _id) } }
        await this.#messages.updateMany(
          filter,
          { $unset: { idempotencyKey: 1 } },
          { maxTimeMS: TIME_BUDGET.mongoWriteMs }
        )
        return documents.length
      })
      forgotten += found
    } while (found === KEY_BATCH_SIZE && !this.#connection.isClosing)
    return forgotten
  }

  async ping (): Promise<void> {
    await this.#connection.run(TIME_BUDGET.storeReadMs, async () => {
      await this.#connection.primary.readFresh(async () => {})
    })
  }

  async close (): Promise<void> { await this.#connection.close() }

  async #read<T> (find: () => Promise<T>): Promise<T> {
    return await this.#connection.run(
      TIME_BUDGET.storeReadMs,
      async () => await this.#connection.primary.read(find)
    )
  }

  async #find (filter: Filter<MessageDocument>): Promise<MessageDocument | null> {
    return await this.#messages.findOne(filter, { maxTimeMS: TIME_BUDGET.mongoReadMs })
  }

  /** Waits until a majority has everything that the primary had at the call. */
  async #findConfirmed (filter: Filter<MessageDocument>): Promise<MessageDocument | null> {
    return await this.#connection.primary.readFresh(async () => await this.#find(filter))
  }
}

const toMessage = (
  { _id, name, message, createdAt, hidden, version = 0 }: MessageDocument
): Message => ({ id: _id, name, message, createdAt, hidden, version })
