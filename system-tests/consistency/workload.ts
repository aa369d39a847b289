import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Outcome, Post } from './history.ts'
import type { Instance, Platform } from './platform.ts'
import { pick, type Random } from './random.ts'
import type { RecordedClients } from './recorded-clients.ts'

/** Between the operations of one client, so that a run does not measure the computer. */
const PAUSE_MS = 60
/** Attempts to post one message. */
const ATTEMPTS = 3
/** Pages of a walk. */
const WALK_PAGES = 4
/** Actions on one message by its moderator. */
const ACTIONS = 8
/** Clients choose among this many of the latest messages. */
const RECENT = 40

/** Numbers of clients. Half of them change between the instances. */
export interface WorkloadOptions {
  /** Browsers that read and post. */
  visitors: number
  /** Clients of the API that post, list, walk and get. */
  apiClients: number
  /** Moderators, each with a message of its own that it hides and restores. */
  moderators: number
  /** Clients that only read, so that no rejected post holds them up. */
  readers: number
}

export const WORKLOAD: WorkloadOptions = { visitors: 4, apiClients: 8, moderators: 6, readers: 4 }

/** Clients that use both services at the same time. */
export class Workload {
  readonly #platform: Platform
  readonly #clients: RecordedClients
  readonly #random: Random
  readonly #ending = new AbortController()
  /** Ids of acknowledged messages, in the order of their acknowledgement. */
  readonly #acknowledged: string[] = []
  /** Messages that have a moderator. */
  readonly #claimed = new Set<string>()
  readonly #running: Array<Promise<void>> = []

  constructor (platform: Platform, clients: RecordedClients, random: Random) {
    this.#platform = platform
    this.#clients = clients
    this.#random = random
  }

  start ({ visitors, apiClients, moderators, readers }: WorkloadOptions): void {
    const { frontends, backends } = this.#platform
    const run = (
      kind: string,
      count: number,
      work: (name: string, number: number) => Promise<void>
    ) => {
      for (let number = 1; number <= count; number++) {
        this.#running.push(work(`${kind}${number}`, number))
      }
    }
    run('visitor', visitors, async (name, number) => {
      await this.#visitor(name, this.#choice(frontends, number))
    })
    run('api', apiClients, async (name, number) => {
      await this.#apiClient(name, this.#choice(backends, number))
    })
    run('moderator', moderators, async name => { await this.#moderator(name) })
    run('reader', readers, async name => { await this.#reader(name) })
  }

  /** Resolves when every client has its last answer. */
  async stop (): Promise<void> {
    this.#ending.abort()
    await Promise.all(this.#running)
  }

  /** Resolves to the id of an acknowledged message that only the caller moderates. */
  async claim (): Promise<string> {
    for (;;) {
      const id = this.#acknowledged.findLast(id => !this.#claimed.has(id))
      if (id !== undefined) {
        this.#claimed.add(id)
        return id
      }
      await sleep(PAUSE_MS)
    }
  }

  /** Posts through the API, again with the same key while the outcome is unknown. */
  async post (process: string, choose: () => Instance, attempts = ATTEMPTS): Promise<Outcome> {
    const [text, key] = [`Hello from ${randomUUID()}`, randomUUID()]
    return await this.#retry(attempts, async () =>
      await this.#clients.post(process, choose(), text, key)
    )
  }

  async #postByForm (process: string, visitor: Visitor, choose: () => Instance): Promise<Outcome> {
    const text = `Hello from ${randomUUID()}`
    return await this.#retry(ATTEMPTS, async () =>
      await this.#clients.postByForm(process, visitor, choose(), text)
    )
  }

  async #retry (attempts: number, post: () => Promise<Post>): Promise<Outcome> {
    for (let attempt = 1; ; attempt++) {
      const { id, outcome } = await post()
      if (id !== undefined) this.#acknowledged.push(id)
      if (outcome !== 'unknown' || attempt === attempts || this.#ending.signal.aborted) {
        return outcome
      }
      await this.#pause()
    }
  }

  async #visitor (process: string, choose: () => Instance): Promise<void> {
    const visitor = this.#clients.visitor()
    while (!this.#ending.signal.aborted) {
      await this.#clients.readPages(process, visitor, choose(), this.#pages())
      await this.#pause()
      await this.#readRecent(process, visitor, choose)
      if (!visitor.hasForm || this.#random() < 0.5) continue
      await this.#postByForm(process, visitor, choose)
    }
  }

  async #apiClient (process: string, choose: () => Instance): Promise<void> {
    while (!this.#ending.signal.aborted) {
      const dice = this.#random()
      const id = this.#recent()
      if (dice < 0.35 || id === undefined) await this.post(process, choose)
      else if (dice < 0.55) await this.#clients.list(process, choose(), 20)
      else if (dice < 0.7) await this.#clients.list(process, choose(), 100)
      else if (dice < 0.8) await this.#clients.list(process, choose(), 20, WALK_PAGES)
      else await this.#clients.get(process, choose(), id)
      await this.#pause()
    }
  }

  async #reader (process: string): Promise<void> {
    const visitor = this.#clients.visitor()
    const { frontends, backends } = this.#platform
    const choose = () => pick(this.#random, frontends)
    while (!this.#ending.signal.aborted) {
      await this.#readRecent(process, visitor, choose)
      const pages = this.#pages()
      if (this.#random() < 0.5) {
        await this.#clients.readPages(process, visitor, choose(), pages)
      } else await this.#clients.list(process, pick(this.#random, backends), 20, pages)
      await this.#pause()
    }
  }

  /** Alternates between the backends, so that each gets the last hide of some messages. */
  async #moderator (process: string): Promise<void> {
    const { backends } = this.#platform
    while (!this.#ending.signal.aborted) {
      const id = await Promise.race([this.claim(), aborted(this.#ending.signal)])
      if (id === undefined) return
      let turn = Math.floor(this.#random() * 2)
      for (let action = 0; action < ACTIONS && !this.#ending.signal.aborted; action++, turn++) {
        await this.#clients.moderate(process, backends[turn % 2]!, id, action % 2 === 0)
        await this.#pause()
        if (this.#random() < 0.5) {
          await this.#clients.get(process, pick(this.#random, backends), id)
        }
        await this.#pause()
      }
    }
  }

  async #readRecent (process: string, visitor: Visitor, choose: () => Instance): Promise<void> {
    const id = this.#recent()
    if (id !== undefined) await this.#clients.readMessage(process, visitor, choose(), id)
  }

  #recent (): string | undefined {
    return pick(this.#random, this.#acknowledged.slice(-RECENT))
  }

  #pages (): number { return this.#random() < 0.2 ? WALK_PAGES : 1 }

  /** Of four clients, two change between the instances, and each of the others uses one. */
  #choice (instances: Instance[], number: number): () => Instance {
    const own = [undefined, undefined, instances[0]!, instances[1]!][number % 4]
    return () => own ?? pick(this.#random, instances)
  }

  async #pause (): Promise<void> { await sleep(PAUSE_MS * (0.5 + this.#random())) }
}

type Visitor = ReturnType<RecordedClients['visitor']>

async function aborted (signal: AbortSignal): Promise<undefined> {
  if (!signal.aborted) await once(signal, 'abort')
}
