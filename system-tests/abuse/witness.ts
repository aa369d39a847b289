import { once } from 'node:events'
import { Worker } from 'node:worker_threads'

/** One request of the witness. */
export interface Observation {
  ms: number
  /** 503 with Retry-After. */
  isTurnedAway: boolean
  /** What was not right, if anything. */
  problem: string | undefined
}

/** Somebody who reads and posts all the while. */
export class Witness {
  readonly #worker: Worker

  constructor (url: string) {
    this.#worker = new Worker(new URL('./witness-worker.ts', import.meta.url), { workerData: url })
  }

  /** What was observed since the last time this was asked. */
  async report (): Promise<Observation[]> {
    this.#worker.postMessage('report')
    const [observed] = await once(this.#worker, 'message') as [Observation[]]
    return observed
  }

  async leave (): Promise<void> {
    await this.#worker.terminate()
  }
}
