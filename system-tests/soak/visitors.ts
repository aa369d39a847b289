import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { Agent } from 'undici'
import { postedId, Visitor, type Answer } from '../lib/visitor.ts'

/** Between two things that a visitor does. */
const PAUSE_MS = 60

/** A request that went wrong, by the clock of `performance.now()`. */
export interface Failure { at: number, what: string }

export interface Crowd {
  /** Acknowledged messages: text by id. */
  acknowledged: Map<string, string>
  failures: Failure[]
  reads: number
  /** Everyone finishes what they do: a form is sent again until it is taken. Rejects when that takes longer than a minute. */
  leave: () => Promise<void>
}

/** Half of the visitors sign again and again, the others read. */
export function invite (url: string, visitors: number): Crowd {
  const dispatcher = new Agent()
  const leaving = new AbortController()
  const crowd: Crowd = { acknowledged: new Map(), failures: [], reads: 0, leave }

  async function attempt (ask: () => Promise<Answer>, wanted: number): Promise<Answer | undefined> {
    const at = performance.now()
    try {
      const answer = await ask()
      if (answer.status === wanted) return answer
      crowd.failures.push({ at, what: `HTTP ${answer.status}` })
    } catch (error) {
      const { name, code } = error as NodeJS.ErrnoException
      crowd.failures.push({ at, what: code ?? name })
    }
  }

  async function sign (number: number): Promise<void> {
    const visitor = new Visitor(url, dispatcher)
    while (!visitor.hasForm && !leaving.signal.aborted) {
      await attempt(async () => await visitor.read(), 200)
      await sleep(PAUSE_MS)
    }
    while (!leaving.signal.aborted) {
      const text = `Hello from ${randomUUID()}`
      let answer: Answer | undefined
      while (
        !(answer = await attempt(async () => await visitor.post(`Visitor ${number}`, text), 303))
      ) { await sleep(PAUSE_MS) }
      crowd.acknowledged.set(postedId(answer), text)
      await sleep(PAUSE_MS)
    }
  }

  async function read (): Promise<void> {
    const visitor = new Visitor(url, dispatcher)
    while (!leaving.signal.aborted) {
      if (await attempt(async () => await visitor.read(), 200)) crowd.reads++
      await sleep(PAUSE_MS)
    }
  }

  const people = Promise.all(
    Array.from({ length: visitors }, async (_, number) => {
      await (number % 2 ? read() : sign(number))
    })
  )
  async function leave (): Promise<void> {
    leaving.abort()
    const late = sleep(60_000, undefined, { ref: false }).then(() => {
      throw new Error('A visitor could not finish within a minute.')
    })
    await Promise.race([people, late])
    await dispatcher.close()
  }
  return crowd
}
