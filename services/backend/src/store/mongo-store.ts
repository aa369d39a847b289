import { setTimeout as sleep } from 'node:timers/promises'
import { MongoBulkWriteError, MongoClient, type Collection } from 'mongodb'
import { v7 as uuidv7 } from 'uuid'
import { inGroups } from './in-groups.ts'
import { IDEMPOTENCY_TTL_MS, replayOrConflict, StoreUnavailable, type Creation, type Message, type MessageStore, type NewMessage, type Page } from './message-store.ts'

/** Longest any operation may take, server selection and retries included; below what callers wait. */
const OPERATION_TIMEOUT_MS = 4000
/** MongoDB gives up a bit earlier, so that it still answers and its connection stays good. */
const SERVER_TIMEOUT_MS = 3500
/** Pause between attempts to prepare the collection while MongoDB cannot be reached. */
const PREPARE_RETRY_MS = 500
const DUPLICATE_KEY = 11000
/** Most messages in one insert: a command stays small, and none waits long behind others. */
const MOST_IN_GROUP = 100

interface MessageDocument {
  _id: string
  name: string
  message: string
  createdAt: Date
  hidden: boolean
  /** Absent when the client sent none, or once it has expired and was used again. */
  idempotencyKey?: string
}

const toMessage = ({ _id, name, message, createdAt, hidden }: MessageDocument): Message =>
  ({ id: _id, name, message, createdAt, hidden })

export interface MongoStoreOptions {
  uri: string
  /** Told of every failed attempt to reach MongoDB at start. */
  onRetry: (error: unknown) => void
}

/**
 * Messages in a MongoDB replica set. A message is one document, inserted once and acknowledged by a majority with its
 * journal on disk; messages that come at the same time share a command. The driver finds the primary again by itself
 * after a failover.
 */
export class MongoStore implements MessageStore {
  readonly #client: MongoClient
  readonly #messages: Collection<MessageDocument>
  readonly #closing = new AbortController()
  readonly #insert = inGroups<MessageDocument>({
    write: async documents => await inTime(this.#insertAll(documents)),
    most: MOST_IN_GROUP,
    patienceMs: SERVER_TIMEOUT_MS, // what waited longer could not be answered in time any more
    tooLate
  })

  #prepared = false

  constructor ({ uri, onRetry }: MongoStoreOptions) {
    this.#client = new MongoClient(uri, {
      appName: 'guestbook-backend',
      serverSelectionTimeoutMS: OPERATION_TIMEOUT_MS,
      connectTimeoutMS: OPERATION_TIMEOUT_MS,
      waitQueueTimeoutMS: OPERATION_TIMEOUT_MS,
      socketTimeoutMS: OPERATION_TIMEOUT_MS,
      readPreference: 'primary', // whatever the connection string says: everyone must see their own message
      ignoreUndefined: true
    })
    this.#messages = this.#client.db().collection('messages', {
      // Set here, since parts of it in the connection string would take precedence over an option of the client.
      writeConcern: { w: 'majority', journal: true, wtimeoutMS: SERVER_TIMEOUT_MS }
    })
    void this.#prepare(onRetry)
  }

  async create (input: NewMessage, idempotencyKey?: string): Promise<Creation> {
    return await this.#run(async () => {
      const document: MessageDocument = {
        _id: uuidv7(),
        name: input.name,
        message: input.message,
        createdAt: new Date(),
        hidden: false,
        ...(idempotencyKey !== undefined && { idempotencyKey })
      }
      try {
        await this.#insert(document)
        return { outcome: 'created', message: toMessage(document) }
      } catch (error) {
        if (idempotencyKey === undefined || !(error instanceof DuplicateKey)) throw error
        return await this.#createdBefore(input, idempotencyKey)
      }
    })
  }

  /** Each document is stored or refused by itself; resolves to the refusals. */
  async #insertAll (documents: MessageDocument[]): Promise<ReadonlyMap<number, Error>> {
    try {
      await this.#messages.insertMany(documents, { ordered: false })
      return new Map()
    } catch (error) {
      if (!(error instanceof MongoBulkWriteError)) throw error
      // The driver calls a broken connection and a missing majority so too; only refusals account for every document.
      const refusals = [error.writeErrors].flat()
      const isCertain = refusals.length > 0 && refusals.length + error.insertedCount === documents.length && !error.result.getWriteConcernError()
      if (!isCertain) throw error
      return new Map(refusals.map(refusal => [refusal.index, refusal.code === DUPLICATE_KEY ? new DuplicateKey() : error]))
    }
  }

  /**
   * A duplicate key says that an earlier insert exists, not that it will last: its majority may still be missing.
   * A linearizable read answers only after a majority has confirmed everything before it.
   */
  async #createdBefore (input: NewMessage, idempotencyKey: string): Promise<Creation> {
    const existing = await this.#messages.findOne({ idempotencyKey }, { readConcern: 'linearizable', maxTimeMS: SERVER_TIMEOUT_MS })
    if (existing && Date.now() - existing.createdAt.getTime() < IDEMPOTENCY_TTL_MS) {
      return replayOrConflict(toMessage(existing), input)
    }
    if (existing) {
      await this.#messages.updateOne({ _id: existing._id, idempotencyKey }, { $unset: { idempotencyKey: 1 } })
    }
    return await this.create(input, idempotencyKey)
  }

  async list ({ limit, before }: Page): Promise<Message[]> {
    return await this.#run(async () => {
      const filter = { hidden: false, ...(before !== undefined && { _id: { $lt: before } }) }
      const documents = await this.#messages.find(filter, { projection: { idempotencyKey: 0 }, maxTimeMS: SERVER_TIMEOUT_MS }).sort({ _id: -1 }).limit(limit).toArray()
      return documents.map(toMessage)
    })
  }

  async get (id: string): Promise<Message | null> {
    return await this.#run(async () => this.#orNull(await this.#messages.findOne({ _id: id }, { maxTimeMS: SERVER_TIMEOUT_MS })))
  }

  async setHidden (id: string, hidden: boolean): Promise<Message | null> {
    return await this.#run(async () =>
      this.#orNull(await this.#messages.findOneAndUpdate({ _id: id }, { $set: { hidden } }, { returnDocument: 'after', maxTimeMS: SERVER_TIMEOUT_MS })))
  }

  async ping (): Promise<void> {
    await this.#run(async () => await this.#client.db().command({ ping: 1 }))
  }

  async close (): Promise<void> {
    this.#closing.abort()
    await this.#client.close()
  }

  #orNull (document: MessageDocument | null): Message | null {
    return document && toMessage(document)
  }

  /**
   * Makes the indexes, however long MongoDB takes to appear. Nothing is served before: without the unique index
   * a message could be stored twice.
   */
  async #prepare (onRetry: (error: unknown) => void): Promise<void> {
    while (!this.#closing.signal.aborted) {
      try {
        await this.#client.connect() // in so many words: once it has failed, operations no longer do it by themselves
        await this.#messages.createIndexes([
          { key: { hidden: 1, _id: -1 }, name: 'visible_newest_first' },
          { key: { idempotencyKey: 1 }, name: 'idempotency_key', unique: true, partialFilterExpression: { idempotencyKey: { $exists: true } } }
        ])
        this.#prepared = true
        return
      } catch (error) {
        if (this.#closing.signal.aborted) return
        onRetry(error)
        await sleep(PREPARE_RETRY_MS, undefined, { signal: this.#closing.signal }).catch(() => {})
      }
    }
  }

  async #run<T> (work: () => Promise<T>): Promise<T> {
    if (!this.#prepared) throw new StoreUnavailable('MongoDB has not been reached since the start.')
    try {
      return await inTime(work())
    } catch (error) {
      // Everything the driver throws leaves the outcome open or says that the store cannot serve.
      if (error instanceof Error && error.name.startsWith('Mongo')) throw new StoreUnavailable('MongoDB did not confirm the operation.', { cause: error })
      throw error
    }
  }
}

/** The driver bounds its steps (finding a server, waiting for an answer) but not their sum. */
async function inTime<T> (work: Promise<T>): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => { reject(tooLate()) }, OPERATION_TIMEOUT_MS)
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}

const tooLate = () => new StoreUnavailable('MongoDB did not answer in time.')

class DuplicateKey extends Error {}
