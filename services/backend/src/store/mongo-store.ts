import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { TIME_BUDGET } from '@guestbook/service-kit'
import { MongoBulkWriteError, MongoClient, type Collection, type Filter } from 'mongodb'
import { createBatcher } from './batcher.ts'
import { nextMessageId } from './message-id.ts'
import {
  IDEMPOTENCY_TTL_MS, replayOrConflict, StoreUnavailable, VersionConflict,
  type Creation, type Message, type MessageStore, type NewMessage, type Page
} from './message-store.ts'
import { PrimaryConfirmation } from './primary-confirmation.ts'

/** Pause between attempts to prepare the collection while MongoDB cannot be reached. */
const PREPARE_RETRY_MS = 500
const DUPLICATE_KEY = 11000
/** Most messages in one insert: a command stays small, and none waits long behind others. */
const MAX_BATCH_SIZE = 100
const NO_REPLICA_SET = 'This mongod runs alone, and cannot confirm what it answers. ' +
  'Make it a replica set (one member is enough): mongod --replSet rs0, then rs.initiate().'
/** Most keys removed by one command, so that it does not hold up others. */
const KEYS_AT_ONCE = 1000

interface MessageDocument {
  _id: string
  name: string
  message: string
  createdAt: Date
  hidden: boolean
  /** Absent until the first moderation. */
  version?: number
  /** Random when the client sent none; removed once it has expired. */
  idempotencyKey?: string
}

/** A message on its way into the store. */
interface Insertion {
  readonly fields: Omit<MessageDocument, '_id'> & { readonly idempotencyKey: string }
  /** One of every attempt to write it, since each has to be above what is stored then. */
  readonly ids: string[]
}

const toMessage = ({
  _id,
  name,
  message,
  createdAt,
  hidden,
  version = 0
}: MessageDocument): Message => ({ id: _id, name, message, createdAt, hidden, version })

export interface MongoStoreOptions {
  uri: string
  /** Told of every failed attempt to reach MongoDB at start. */
  onRetry: (error: unknown) => void
}

/**
 * Messages in a MongoDB replica set. A message is one document, inserted once and acknowledged by a
 * majority with its journal on disk; messages that come at the same time share a command. Reads see
 * what a majority has, from a primary that a majority has confirmed. The driver finds the primary
 * again by itself after a failover.
 */
export class MongoStore implements MessageStore {
  readonly #client: MongoClient
  readonly #messages: Collection<MessageDocument>
  readonly #confirmations: Collection<{ _id: 'primary'; count: number }>
  readonly #closing = new AbortController()
  readonly #insert = createBatcher<Insertion>({
    write: async insertions =>
      await withTimeout(
        TIME_BUDGET.storeWriteMs,
        async signal => await this.#insertAll(insertions, signal)
      ),
    maxBatchSize: MAX_BATCH_SIZE,
    queueTimeoutMs: TIME_BUDGET.writeQueueMs,
    timeoutError
  })

  readonly #primary = new PrimaryConfirmation(async () => {
    // Only a primary that a majority follows gets this acknowledged, and with it all before it. (A
    // linearizable read does the same, but waits up to 100 ms for the journal of a lone member.)
    await this.#confirmations.updateOne(
      { _id: 'primary' },
      { $inc: { count: 1 } },
      {
        upsert: true,
        writeConcern: { w: 'majority', journal: true, wtimeoutMS: TIME_BUDGET.mongoReadMs }
      }
    )
  })

  #prepared = false

  constructor ({ uri, onRetry }: MongoStoreOptions) {
    this.#client = new MongoClient(uri, {
      appName: 'guestbook-backend',
      serverSelectionTimeoutMS: TIME_BUDGET.storeWriteMs,
      connectTimeoutMS: TIME_BUDGET.storeWriteMs, // bounds the driver's own checks of the members, too
      waitQueueTimeoutMS: TIME_BUDGET.storeWriteMs,
      socketTimeoutMS: TIME_BUDGET.storeWriteMs,
      readPreference: 'primary', // whatever the connection string says
      // The driver would send the same ids again, which may be below others by then; see #write.
      retryWrites: false,
      ignoreUndefined: true
    })
    this.#client.on('topologyDescriptionChanged', ({ newDescription }) => {
      const primary = [...newDescription.servers.values()].find(
        ({ type }) => type === 'RSPrimary'
      )
      this.#primary.setPrimary(primary && `${primary.address} ${String(primary.electionId)}`)
    })
    this.#messages = this.#client.db().collection('messages', {
      // Set here: parts of them in the connection string would take precedence over the client's.
      writeConcern: { w: 'majority', journal: true, wtimeoutMS: TIME_BUDGET.mongoWriteMs },
      readConcern: { level: 'majority' }
    })
    this.#confirmations = this.#client.db().collection('confirmations')
    void this.#prepare(onRetry)
  }

  async create (input: NewMessage, idempotencyKey: string = randomUUID()): Promise<Creation> {
    return await this.#run(
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
    // A duplicate key says that an earlier insert exists, not that it will last: its majority may
    // still be missing.
    const existing = await this.#readConfirmed({ idempotencyKey })
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

  /** Each message is stored or rejected by itself; resolves to the rejections. */
  async #insertAll (
    insertions: Insertion[],
    signal: AbortSignal
  ): Promise<ReadonlyMap<number, Error>> {
    return await this.#write(async () => {
      let newest = await this.#newestId()
      signal.throwIfAborted()
      for (const { ids } of insertions) ids.push((newest = nextMessageId(newest)))
      const documents = insertions.map(({ ids, fields }) => ({ _id: ids.at(-1)!, ...fields }))
      try {
        await this.#messages.insertMany(documents, { ordered: false })
        return new Map()
      } catch (error) {
        if (!(error instanceof MongoBulkWriteError)) throw error
        // The driver calls a broken connection and a missing majority so too; only rejections
        // account for every document.
        const rejections = [error.writeErrors].flat()
        const isCertain =
          rejections.length > 0 &&
          rejections.length + error.insertedCount === documents.length &&
          !error.result.getWriteConcernError()
        if (!isCertain) throw error
        return new Map(
          rejections.map(({ index, code }) => [
            index,
            code === DUPLICATE_KEY ? new DuplicateKey() : error
          ])
        )
      }
    })
  }

  /** Of all messages, hidden ones and those that no majority has yet included. */
  async #newestId (): Promise<string | undefined> {
    const newest = await this.#messages.findOne(
      {},
      {
        sort: { _id: -1 },
        projection: { _id: 1 },
        readConcern: 'local',
        maxTimeMS: TIME_BUDGET.mongoReadMs
      }
    )
    return newest?._id
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
    const document = await this.#read(async () => await this.#findOne({ _id: id }))
    return document && toMessage(document)
  }

  /**
   * The update names the version it was decided on, so that one which the network held back cannot
   * land after a later one. It always changes the document: an update without effect would be
   * acknowledged by a primary that has a successor already.
   */
  async setHidden (id: string, hidden: boolean, ifVersion?: number): Promise<Message | null> {
    return await this.#run(
      TIME_BUDGET.storeWriteMs,
      async signal =>
        await this.#write(
          async () => {
            for (;;) {
              const existing = await this.#readConfirmed({ _id: id })
              signal.throwIfAborted() // decided now, it could undo what was acknowledged since
              if (!existing) return null
              const { version } = existing
              if (ifVersion !== undefined && ifVersion !== (version ?? 0)) {
                throw new VersionConflict(version ?? 0)
              }
              const updated = await this.#messages.findOneAndUpdate(
                // null stands for an absent field, too
                { _id: id, version: (version ?? null) as number },
                { $set: { hidden }, $inc: { version: 1 } },
                { returnDocument: 'after', maxTimeMS: TIME_BUDGET.mongoWriteMs }
              )
              if (updated) return toMessage(updated)
            }
          },
          { isRepeatable: ifVersion === undefined }
        )
    )
  }

  async forgetKeys (createdBefore: Date): Promise<number> {
    const expired = { createdAt: { $lt: createdBefore }, idempotencyKey: { $exists: true } }
    let [forgotten, found] = [0, 0]
    do {
      found = await this.#run(TIME_BUDGET.storeWriteMs, async () => {
        const documents = await this.#messages
          .find(expired, { projection: { _id: 1 }, maxTimeMS: TIME_BUDGET.mongoWriteMs })
          .limit(KEYS_AT_ONCE)
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
    } while (found === KEYS_AT_ONCE && !this.#closing.signal.aborted)
    return forgotten
  }

  async ping (): Promise<void> {
    await this.#run(TIME_BUDGET.storeReadMs, async () => {
      await this.#primary.readAnew(async () => {})
    })
  }

  async close (): Promise<void> {
    this.#closing.abort()
    await this.#client.close()
  }

  async #findOne (filter: Filter<MessageDocument>): Promise<MessageDocument | null> {
    return await this.#messages.findOne(filter, { maxTimeMS: TIME_BUDGET.mongoReadMs })
  }

  /** As it is once a majority has everything that the primary had when this was called. */
  async #readConfirmed (filter: Filter<MessageDocument>): Promise<MessageDocument | null> {
    return await this.#primary.readAnew(async () => await this.#findOne(filter))
  }

  /**
   * Makes the indexes, however long MongoDB takes to appear. Nothing is served before: without the
   * unique index a message could be stored twice.
   */
  async #prepare (onRetry: (error: unknown) => void): Promise<void> {
    while (!this.#closing.signal.aborted) {
      try {
        await this.#client.connect() // in so many words: once it has failed, operations no longer do it
        const { setName, msg } = await this.#client.db().command({ hello: 1 })
        if (!setName && msg !== 'isdbgrid') throw new Error(NO_REPLICA_SET)
        const hasKey = { idempotencyKey: { $exists: true } }
        await this.#messages.createIndexes([
          { key: { hidden: 1, _id: -1 }, name: 'visible_newest_first' },
          {
            key: { idempotencyKey: 1 },
            name: 'idempotency_key',
            unique: true,
            partialFilterExpression: hasKey
          },
          { key: { createdAt: 1 }, name: 'keys_by_age', partialFilterExpression: hasKey }
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

  async #read<T>(find: () => Promise<T>): Promise<T> {
    return await this.#run(TIME_BUDGET.storeReadMs, async () => await this.#primary.read(find))
  }

  /**
   * Repeats once what failed before half of its time was over, such as a write that a primary did
   * not take because it steps down. What is written again must not do more than it did before.
   */
  async #write<T>(work: () => Promise<T>, { isRepeatable = true } = {}): Promise<T> {
    const began = performance.now()
    try {
      return await work()
    } catch (error) {
      const isLate = performance.now() - began > TIME_BUDGET.storeWriteMs / 2
      if (!isRepeatable || isLate || !isOfMongo(error)) throw error
      return await work()
    }
  }

  async #run<T>(timeoutMs: number, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    if (!this.#prepared) {
      throw new StoreUnavailable('MongoDB has not been reached since the start.')
    }
    try {
      return await withTimeout(timeoutMs, work)
    } catch (error) {
      // Everything the driver throws leaves the outcome open or says that the store cannot serve.
      if (isOfMongo(error)) {
        throw new StoreUnavailable('MongoDB did not confirm the operation.', { cause: error })
      }
      throw error
    }
  }
}

const isOfMongo = (error: unknown): boolean =>
  error instanceof Error && error.name.startsWith('Mongo')

/**
 * The driver bounds its steps (finding a server, waiting for an answer) but not their sum. `work` is
 * told by its signal that its time is over and nobody waits for it any more.
 */
async function withTimeout<T> (
  timeoutMs: number,
  work: (signal: AbortSignal) => Promise<T>
): Promise<T> {
  const { promise: timeout, reject } = Promise.withResolvers<never>()
  const abort = new AbortController()
  const timer = setTimeout(() => {
    const error = timeoutError()
    abort.abort(error)
    reject(error)
  }, timeoutMs)
  try {
    return await Promise.race([work(abort.signal), timeout])
  } finally {
    clearTimeout(timer)
  }
}

const timeoutError = () => new StoreUnavailable('MongoDB did not answer in time.')

class DuplicateKey extends Error {}
