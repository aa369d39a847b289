import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { Agent } from 'undici'
import { postedId, Visitor, type Answer } from '../lib/visitor.ts'

/** Between two requests of a visitor. */
const PAUSE_MS = 60

/** A failed request, on the clock of `performance.now()`. */
export interface Failure { at: number, what: string }

export interface Visitors {
  /** Acknowledged messages: text by id. */
  acknowledged: Map<string, string>
  failures: Failure[]
  reads: number
  /** Stops after each visitor's last post is accepted. Rejects when that takes over a minute. */
  stop: () => Promise<void>
}

/** Half of the visitors post all the time, the others read. */
export function startVisitors (url: string, visitors: number): Visitors {
  const dispatcher = new Agent()
  const stopping = new AbortController()
  const result: Visitors = { acknowledged: new Map(), failures: [], reads: 0, stop }

  async function attempt (ask: () => Promise<Answer>, wanted: number): Promise<Answer | undefined> {
    const at = performance.now()
    try {
      const answer = await ask()
      if (answer.status === wanted) return answer
      result.failures.push({ at, what: `HTTP ${answer.status}` })
    } catch (error) {
      const { name, code } = error as NodeJS.ErrnoException
      result.failures.push({ at, what: code ?? name })
    }
  }

  async function post (number: number): Promise<void> {
    const visitor = new Visitor(url, dispatcher)
    while (!visitor.hasForm && !stopping.signal.aborted) {
      await attempt(async () => await visitor.read(), 200)
      await sleep(PAUSE_MS)
    }
    while (!stopping.signal.aborted) {
      const text = `Hello from ${randomUUID()}`
      let answer: Answer | undefined
      while (
        !(answer = await attempt(async () => await visitor.post(`Visitor ${number}`, text), 303))
      ) { await sleep(PAUSE_MS) }
      result.acknowledged.set(postedId(answer), text)
      await sleep(PAUSE_MS)
    }
  }

  async function read (): Promise<void> {
    const visitor = new Visitor(url, dispatcher)
    while (!stopping.signal.aborted) {
      if (await attempt(async () => await visitor.read(), 200)) result.reads++
      await sleep(PAUSE_MS)
    }
  }

  const all = Promise.all(
    Array.from({ length: visitors }, async (_, number) => {
      await (number % 2 ? read() : post(number))
    })
  )
  async function stop (): Promise<void> {
    stopping.abort()
    const timeout = sleep(60_000, undefined, { ref: false }).then(() => {
      throw new Error('A visitor did not finish within a minute.')
    })
    await Promise.race([all, timeout])
    await dispatcher.close()
  }
  return result
}
