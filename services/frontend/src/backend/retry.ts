import { setTimeout as sleep } from 'node:timers/promises'
import { BackendUnavailable } from './contract.ts'

const MAX_ATTEMPTS = 4
const MAX_FIRST_PAUSE_MS = 200
/** Retries that a call adds to the budget, and the most that it holds. */
const BUDGET_SHARE = 0.1
const BUDGET_BURST = 20

/**
 * Retries calls to an unavailable backend with exponential backoff and full jitter. A budget limits
 * retries to a tenth of all calls, plus a burst, so that they cannot multiply an overload.
 */
export class Retrier {
  #budget = BUDGET_BURST

  /** Takes at most `totalMs` with pauses. Passes the time that is left to each attempt. */
  async run<T> (
    attempt: (leftMs: number) => Promise<T>,
    totalMs: number,
    onRetry: () => void
  ): Promise<T> {
    const deadline = Date.now() + totalMs
    this.#budget = Math.min(BUDGET_BURST, this.#budget + BUDGET_SHARE)
    for (let tries = 1; ; tries++) {
      try {
        return await attempt(Math.max(0, deadline - Date.now())) // a pause may end late
      } catch (error) {
        const pauseMs = Math.random() * MAX_FIRST_PAUSE_MS * 4 ** (tries - 1)
        const mayRetry = tries < MAX_ATTEMPTS && this.#budget >= 1
        const isOver = Date.now() + pauseMs >= deadline
        if (!(error instanceof BackendUnavailable) || !mayRetry || isOver) throw error
        this.#budget -= 1
        onRetry()
        await sleep(pauseMs)
      }
    }
  }
}
