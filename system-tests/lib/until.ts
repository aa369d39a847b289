import { setTimeout as sleep } from 'node:timers/promises'

/**
 * Polls until `condition` returns something, and returns that.
 * @throws Error naming `what` when the time is over
 */
export async function until<T> (
  what: string,
  condition: () => T | Promise<T>,
  timeoutMs = 10_000,
  intervalMs = 10
): Promise<NonNullable<T> & {}> {
  const deadline = performance.now() + timeoutMs
  for (;;) {
    const result = await condition()
    if (result) return result
    if (performance.now() > deadline) throw new Error(`Not within ${timeoutMs} ms: ${what}`)
    await sleep(intervalMs)
  }
}

/** Whether `url` answers 2xx within two seconds. */
export async function answers (url: string): Promise<boolean> {
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(2000) })
    await answer.body?.cancel()
    return answer.ok
  } catch {
    return false // not listening yet
  }
}
