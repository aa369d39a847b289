import { setTimeout as sleep } from 'node:timers/promises'

export interface RetryOptions {
  /** Timeout of all attempts together with the pauses between them. */
  totalMs: number
  /** Whether another attempt may succeed. */
  isTransient: (error: unknown) => boolean
  onRetry: (error: unknown) => void
}

const MAX_ATTEMPTS = 4
const MAX_FIRST_PAUSE_MS = 200

/**
 * Retries transient errors with exponential backoff and full jitter. A budget limits retries to a
 * tenth of all calls, plus a burst, so that they cannot multiply an overload.
 */
export class Retrier {
  static readonly #SHARE = 0.1
  static readonly #BURST = 20
  #budget = Retrier.#BURST

  /** Passes the time that is left to each attempt. */
  async run<T>(
    attempt: (leftMs: number) => Promise<T>,
    { totalMs, isTransient, onRetry }: RetryOptions
  ): Promise<T> {
    const deadline = Date.now() + totalMs
    this.#budget = Math.min(Retrier.#BURST, this.#budget + Retrier.#SHARE)
    for (let tries = 1; ; tries++) {
      try {
        return await attempt(deadline - Date.now())
      } catch (error) {
        const pauseMs = Math.random() * MAX_FIRST_PAUSE_MS * 4 ** (tries - 1)
        const isOver = Date.now() + pauseMs >= deadline
        if (tries === MAX_ATTEMPTS || this.#budget < 1 || !isTransient(error) || isOver) {
          throw error
        }
        this.#budget -= 1
        onRetry(error)
        await sleep(pauseMs)
      }
    }
  }
}
