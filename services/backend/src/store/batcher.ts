export interface BatcherOptions<Item> {
  /**
   * Writes a batch; resolves to the errors of single items by index. Rejects if all outcomes are
   * unknown.
   */
  write: (items: Item[]) => Promise<ReadonlyMap<number, Error>>
  maxBatchSize: number
  /** An item that waits longer is rejected without a write. */
  queueTimeoutMs: number
  timeoutError: () => Error
}

/**
 * Writes items of concurrent callers one batch at a time (group commit). Items that arrive during a
 * write share the next one, which saves round trips and waits for the disk.
 */
export function createBatcher<Item> (
  { write, maxBatchSize, queueTimeoutMs, timeoutError }: BatcherOptions<Item>
): (item: Item) => Promise<void> {
  interface Queued extends PromiseWithResolvers<void> {
    readonly item: Item
    readonly since: number
  }
  let queue: Queued[] = []
  let isWriting = false

  async function writeAll (): Promise<void> {
    isWriting = true
    while (queue.length > 0) {
      const expired = queue.filter(({ since }) => performance.now() - since > queueTimeoutMs)
      for (const { reject } of expired) reject(timeoutError())
      queue = queue.slice(expired.length) // the queue is in order of arrival
      const batch = queue.splice(0, maxBatchSize)
      if (batch.length > 0) await settle(batch)
    }
    isWriting = false
  }

  async function settle (batch: Queued[]): Promise<void> {
    try {
      const errors = await write(batch.map(({ item }) => item))
      for (const [index, { resolve, reject }] of batch.entries()) {
        const error = errors.get(index)
        if (error) reject(error)
        else resolve()
      }
    } catch (error) {
      for (const { reject } of batch) reject(error)
    }
  }

  return async item => {
    const entry: Queued = { ...Promise.withResolvers<void>(), item, since: performance.now() }
    queue.push(entry)
    if (!isWriting) void writeAll()
    await entry.promise
  }
}
