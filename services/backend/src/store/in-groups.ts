export interface GroupOptions<Item> {
  /** Writes all; resolves to what went wrong with single items, by their place. Rejects when that is not known of any. */
  write: (items: Item[]) => Promise<ReadonlyMap<number, Error>>
  /** Most items in a group. */
  most: number
  /** Milliseconds an item waits for its turn; then it is dropped, since whoever gave it has stopped waiting. */
  patienceMs: number
  /** What is told of a dropped item. */
  tooLate: () => Error
}

/**
 * Many callers, one write at a time (group commit). What comes while a write is under way goes together in the next, so a
 * burst costs few round trips and few waits for the disk. A lone item is written at once.
 */
export function inGroups<Item> ({ write, most, patienceMs, tooLate }: GroupOptions<Item>): (item: Item) => Promise<void> {
  interface Waiting extends PromiseWithResolvers<void> { readonly item: Item, readonly since: number }
  let waiting: Waiting[] = []
  let isWriting = false

  async function writeAll (): Promise<void> {
    isWriting = true
    while (waiting.length > 0) {
      const late = waiting.filter(({ since }) => performance.now() - since > patienceMs)
      for (const { reject } of late) reject(tooLate())
      const inTime = waiting.slice(late.length) // who came first waits longest
      const group = inTime.slice(0, most)
      waiting = inTime.slice(most)
      if (group.length > 0) await settle(group)
    }
    isWriting = false
  }

  async function settle (group: Waiting[]): Promise<void> {
    try {
      const errors = await write(group.map(({ item }) => item))
      for (const [place, { resolve, reject }] of group.entries()) {
        const error = errors.get(place)
        if (error) reject(error)
        else resolve()
      }
    } catch (error) {
      for (const { reject } of group) reject(error)
    }
  }

  return async item => {
    const entry: Waiting = { ...Promise.withResolvers<void>(), item, since: performance.now() }
    waiting.push(entry)
    if (!isWriting) void writeAll()
    await entry.promise
  }
}
