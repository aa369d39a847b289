export interface BatcherOptions<Item> {
  /**
   * Writes all; resolves to the errors of single items, by their index. Rejects when the outcome is
   * not known of any.
   */
  write: (items: Item[]) => Promise<ReadonlyMap<number, Error>>
  /** Most items in one write. */
  maxBatchSize: number
  /** Milliseconds an item may wait for its turn; then it is dropped, unwritten. */
  queueTimeoutMs: number
  /** The error of a dropped item. */
  timeoutError: () => Error
}

/**
 * Many callers, one write at a time (group commit). Items that arrive during a write share the next
 * one, so a burst costs few round trips and few waits for the disk. A lone item is written at once.
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
      const late = queue.filter(({ since }) => performance.now() - since > queueTimeoutMs)
      for (const { reject } of late) reject(timeoutError())
      const inTime = queue.slice(late.length) // the first to arrive waits longest
      const batch = inTime.slice(0, maxBatchSize)
      queue = inTime.slice(maxBatchSize)
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
