import { TIME_BUDGET } from '@guestbook/service-kit'
import { MongoBulkWriteError, type Collection } from 'mongodb'
import { createBatcher } from './batcher.ts'
import { nextMessageId } from './message-id.ts'
import { retryOnce, timeoutError, withTimeout, type MessageDocument } from './mongo-connection.ts'

const DUPLICATE_KEY = 11000
/** Keeps a command small, and the wait of its messages short. */
const MAX_BATCH_SIZE = 100

/** A message to insert. */
export interface Insertion {
  readonly fields: Omit<MessageDocument, '_id'> & { readonly idempotencyKey: string }
  /** One id per attempt, since each id must be above all stored ids at that time. */
  readonly ids: string[]
}

/** A message with the same idempotency key exists. */
export class DuplicateKey extends Error {}

/**
 * Inserts messages in batches: messages that arrive during an insert share the next one.
 * The returned function rejects with DuplicateKey or with an error of the driver.
 */
export function createInserter (
  messages: Collection<MessageDocument>
): (insertion: Insertion) => Promise<void> {
  return createBatcher<Insertion>({
    write: async insertions =>
      await withTimeout(
        TIME_BUDGET.storeWriteMs,
        async signal => await retryOnce(async () => await insertAll(messages, insertions, signal))
      ),
    maxBatchSize: MAX_BATCH_SIZE,
    queueTimeoutMs: TIME_BUDGET.writeQueueMs,
    timeoutError
  })
}

/** Each message is stored or rejected separately; resolves to the errors by index. */
async function insertAll (
  messages: Collection<MessageDocument>,
  insertions: Insertion[],
  signal: AbortSignal
): Promise<ReadonlyMap<number, Error>> {
  let newest = await newestId(messages)
  signal.throwIfAborted()
  for (const { ids } of insertions) ids.push((newest = nextMessageId(newest)))
  const documents = insertions.map(({ ids, fields }) => ({ _id: ids.at(-1)!, ...fields }))
  try {
    await messages.insertMany(documents, { ordered: false })
    return new Map()
  } catch (error) {
    if (!(error instanceof MongoBulkWriteError)) throw error
    // The driver throws the same class for a lost connection and a missing majority. The outcome of
    // each document is known only if every document was inserted or has a write error.
    const errors = [error.writeErrors].flat()
    const isCertain =
      errors.length > 0 &&
      errors.length + error.insertedCount === documents.length &&
      !error.result.getWriteConcernError()
    if (!isCertain) throw error
    return new Map(
      errors.map(({ index, code }) => [index, code === DUPLICATE_KEY ? new DuplicateKey() : error])
    )
  }
}

/** Includes hidden messages and those that no majority has acknowledged yet. */
async function newestId (messages: Collection<MessageDocument>): Promise<string | undefined> {
  const newest = await messages.findOne(
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
