import { setTimeout as sleep } from 'node:timers/promises'

export interface RetryOptions {
  /** Milliseconds within which all attempts have to end, the pauses between them included. */
  totalMs: number
  /** Whether another attempt could help. */
  isTransient: (error: unknown) => boolean
  onRetry: (error: unknown) => void
}

const MAX_ATTEMPTS = 4
const LONGEST_FIRST_PAUSE_MS = 200

/**
 * Repeats what failed for a passing reason, with growing random pauses, but only as far as the budget goes:
 * a tenth of all calls (and a few at once) may be repeats, so that retries never multiply an overload.
 */
export class Retrier {
  static readonly #SHARE = 0.1
  static readonly #BURST = 20
  #budget = Retrier.#BURST

  /** `attempt` is told how many milliseconds are left for it. */
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
        const pauseMs = Math.random() * LONGEST_FIRST_PAUSE_MS * 4 ** (tries - 1)
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
