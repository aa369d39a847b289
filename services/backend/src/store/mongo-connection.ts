import { setTimeout as sleep } from 'node:timers/promises'
import { TIME_BUDGET } from '@guestbook/service-kit'
import { MongoClient, type Collection } from 'mongodb'
import { StoreUnavailable } from './message-store.ts'
import { PrimaryConfirmation } from './primary-confirmation.ts'

/** Pause between attempts to create the indexes while MongoDB is unreachable. */
const PREPARE_RETRY_MS = 500
const NO_REPLICA_SET =
  'This mongod is standalone and cannot confirm what it returns. Make it a replica set ' +
  '(one member is enough): mongod --replSet rs0, then rs.initiate().'

export interface MessageDocument {
  _id: string
  name: string
  message: string
  createdAt: Date
  hidden: boolean
  /** Absent until the first moderation. */
  version?: number
  /** Random if the client sent none; removed after it has expired. */
  idempotencyKey?: string
}

export interface MongoConnectionOptions {
  uri: string
  /** Called for every failed attempt to reach MongoDB at start. */
  onRetry: (error: unknown) => void
}

/** The collection of messages, and the guarantees of its replica set. */
export class MongoConnection {
  readonly messages: Collection<MessageDocument>
  readonly primary = new PrimaryConfirmation(async () => { await this.#confirmPrimary() })
  readonly #client: MongoClient
  readonly #confirmations: Collection<{ _id: 'primary', count: number }>
  readonly #closing = new AbortController()
  #isPrepared = false

  constructor ({ uri, onRetry }: MongoConnectionOptions) {
    this.#client = new MongoClient(uri, {
      appName: 'guestbook-backend',
      serverSelectionTimeoutMS: TIME_BUDGET.storeWriteMs,
      connectTimeoutMS: TIME_BUDGET.storeWriteMs, // bounds the driver's checks of the members too
      waitQueueTimeoutMS: TIME_BUDGET.storeWriteMs,
      socketTimeoutMS: TIME_BUDGET.storeWriteMs,
      readPreference: 'primary', // overrides the connection string
      // The driver would retry with the same ids, which may be below newer ones; see retryOnce.
      retryWrites: false,
      ignoreUndefined: true
    })
    this.#client.on('topologyDescriptionChanged', ({ newDescription }) => {
      const primary = [...newDescription.servers.values()].find(({ type }) => type === 'RSPrimary')
      this.primary.setPrimary(primary && `${primary.address} ${String(primary.electionId)}`)
    })
    this.messages = this.#client.db().collection('messages', {
      // Set per collection: options of the connection string override the client's.
      writeConcern: { w: 'majority', journal: true, wtimeoutMS: TIME_BUDGET.mongoWriteMs },
      readConcern: { level: 'majority' }
    })
    this.#confirmations = this.#client.db().collection('confirmations')
    void this.#prepare(onRetry)
  }

  get isClosing (): boolean { return this.#closing.signal.aborted }

  /**
   * Runs an operation within a timeout. The signal aborts when the timeout has passed.
   * @throws StoreUnavailable on a timeout and on any error of the driver
   */
  async run<T> (timeoutMs: number, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    if (!this.#isPrepared) {
      throw new StoreUnavailable('MongoDB has not been reached since the start.')
    }
    try {
      return await withTimeout(timeoutMs, work)
    } catch (error) {
      // After an error of the driver, the outcome is unknown or the store cannot serve.
      if (isMongoError(error)) {
        throw new StoreUnavailable('MongoDB did not confirm the operation.', { cause: error })
      }
      throw error
    }
  }

  async close (): Promise<void> {
    this.#closing.abort()
    await this.#client.close()
  }

  /**
   * Only a primary that a majority follows gets this write acknowledged. (A linearizable read does
   * the same, but waits up to 100 ms for the journal of a lone member.)
   */
  async #confirmPrimary (): Promise<void> {
    await this.#confirmations.updateOne(
      { _id: 'primary' },
      { $inc: { count: 1 } },
      {
        upsert: true,
        writeConcern: { w: 'majority', journal: true, wtimeoutMS: TIME_BUDGET.mongoReadMs }
      }
    )
  }

  /**
   * Creates the indexes as soon as MongoDB is reachable. Nothing is served before: without the
   * unique index, a message could be stored twice.
   */
  async #prepare (onRetry: (error: unknown) => void): Promise<void> {
    while (!this.isClosing) {
      try {
        await this.#client.connect() // explicit: operations do not reconnect after a failed connect
        const { setName, msg } = await this.#client.db().command({ hello: 1 })
        if (!setName && msg !== 'isdbgrid') throw new Error(NO_REPLICA_SET)
        const hasKey = { idempotencyKey: { $exists: true } }
        await this.messages.createIndexes([
          { key: { hidden: 1, _id: -1 }, name: 'visible_newest_first' },
          {
            key: { idempotencyKey: 1 },
            name: 'idempotency_key',
            unique: true,
            partialFilterExpression: hasKey
          },
          { key: { createdAt: 1 }, name: 'keys_by_age', partialFilterExpression: hasKey }
        ])
        this.#isPrepared = true
        return
      } catch (error) {
        if (this.isClosing) return
        onRetry(error)
        await sleep(PREPARE_RETRY_MS, undefined, { signal: this.#closing.signal }).catch(() => {})
      }
    }
  }
}

/**
 * Retries a write once if it failed within half of its time, for example because the primary steps
 * down. The write must be safe to repeat.
 */
export async function retryOnce<T> (work: () => Promise<T>): Promise<T> {
  const startedAt = performance.now()
  try {
    return await work()
  } catch (error) {
    const isLate = performance.now() - startedAt > TIME_BUDGET.storeWriteMs / 2
    if (isLate || !isMongoError(error)) throw error
    return await work()
  }
}

const isMongoError = (error: unknown): boolean =>
  error instanceof Error && error.name.startsWith('Mongo')

export const timeoutError = () => new StoreUnavailable('MongoDB did not respond in time.')

/** Bounds the sum of the driver's steps; the driver bounds each step only. */
export async function withTimeout<T> (
  timeoutMs: number, work: (signal: AbortSignal) => Promise<T>
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
