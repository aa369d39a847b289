import { setTimeout as sleep } from 'node:timers/promises'

/** Asks again and again until `condition` gives something, and says what was waited for when it never does. */
export async function until<T> (
  what: string,
  condition: () => T | Promise<T>,
  withinMs = 10_000
): Promise<NonNullable<T> & {}> {
  const deadline = Date.now() + withinMs
  for (;;) {
    const result = await condition()
    if (result) return result
    if (Date.now() > deadline) throw new Error(`Not within ${withinMs} ms: ${what}`)
    await sleep(10)
  }
}
