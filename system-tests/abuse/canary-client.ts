import { once } from 'node:events'
import { Worker } from 'node:worker_threads'

/** One request of the canary client. */
export interface Observation {
  ms: number
  /** 503 with Retry-After. */
  isShed: boolean
  /** What was wrong, if anything. */
  problem: string | undefined
}

/** A visitor who reads and posts during an attack. */
export class CanaryClient {
  readonly #worker: Worker

  constructor (url: string) {
    this.#worker = new Worker(new URL('./canary-worker.ts', import.meta.url), { workerData: url })
  }

  /** The observations since the previous report. */
  async report (): Promise<Observation[]> {
    this.#worker.postMessage('report')
    const [observed] = await once(this.#worker, 'message') as [Observation[]]
    return observed
  }

  async stop (): Promise<void> { await this.#worker.terminate() }
}
