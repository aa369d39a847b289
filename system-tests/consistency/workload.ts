import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { Agent, request } from 'undici'
import { messagesIn } from '../lib/page.ts'
import { Visitor, type Answer } from '../lib/visitor.ts'
import type { Outcome, Recorder } from './history.ts'
import { MODERATOR_TOKEN, type Instance, type Platform } from './platform.ts'

const API = '/api/v1/messages'
/** Longest a client waits; longer than either service takes for its own answer. */
const CLIENT_TIMEOUT_MS = 15_000
/** Between the operations of one client, so that a run does not measure the computer. */
const PAUSE_MS = 60
/** Attempts to post one message. */
const ATTEMPTS = 3
/** Pages that a walk turns. */
const WALK_PAGES = 4
/** Actions on one message by its moderator. */
const ACTIONS = 8
/** Among how many of the latest messages clients choose. */
const RECENT = 40

export interface WorkloadOptions {
  /** Browsers that read and sign, half of them each time through either frontend. */
  visitors: number
  /**
   * Clients of the API that post, list, walk and get, half of them each time through either
   * backend.
   */
  apiClients: number
  /**
   * Moderators, each with a message of its own that it hides and restores through either backend.
   */
  moderators: number
  /**
   * Clients that only read, pages and lists in turn, so that no refused post keeps them from it.
   */
  readers: number
}

export const WORKLOAD: WorkloadOptions = { visitors: 4, apiClients: 8, moderators: 6, readers: 4 }

export type Random = () => number

/** A sequence of numbers from 0 to 1 that a seed determines (mulberry32). */
export function seededRandom (seed: number): Random {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

export const pick = <T>(random: Random, items: readonly T[]): T =>
  items[Math.floor(random() * items.length)]!

interface Reply {
  status: number | string
  headers?: Answer['headers']
  text: string
}

/** Clients of both services that write down everything they do. */
export class Workload {
  readonly #platform: Platform
  readonly #recorder: Recorder
  readonly #random: Random
  readonly #dispatcher = new Agent()
  readonly #ending = new AbortController()
  /** Ids of acknowledged messages, in the order of their acknowledgement. */
  readonly #acknowledged: string[] = []
  /** Messages that have a moderator. */
  readonly #claimed = new Set<string>()
  readonly #clients: Array<Promise<void>> = []
  /** Path of the messages' pages; undefined as long as none is known. */
  #messagePath: string | undefined

  constructor (platform: Platform, recorder: Recorder, random: Random) {
    this.#platform = platform
    this.#recorder = recorder
    this.#random = random
  }

  start ({ visitors, apiClients, moderators, readers }: WorkloadOptions): void {
    const run = (
      kind: string,
      count: number,
      work: (name: string, number: number) => Promise<void>
    ) => {
      for (let number = 1; number <= count; number++) {
        this.#clients.push(work(`${kind}${number}`, number))
      }
    }
    run('visitor', visitors, async (name, number) => {
      await this.#visitor(name, this.#choice(this.#platform.frontends, number))
    })
    run('api', apiClients, async (name, number) => {
      await this.#apiClient(name, this.#choice(this.#platform.backends, number))
    })
    run('moderator', moderators, async name => {
      await this.#moderator(name)
    })
    run('reader', readers, async name => {
      await this.#reader(name)
    })
  }

  /** Resolves when every client has its last answer. */
  async stop (): Promise<void> {
    this.#ending.abort()
    await Promise.all(this.#clients)
  }

  async close (): Promise<void> {
    await this.#dispatcher.destroy()
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

  /** Posts through the API, again with the same key as long as the outcome is unknown. */
  async post (process: string, backends: () => Instance, attempts = ATTEMPTS): Promise<Outcome> {
    const text = `Hello from ${randomUUID()}`
    const key = randomUUID()
    for (let attempt = 1; ; attempt++) {
      const backend = backends()
      const invokedAt = this.#recorder.now()
      const reply = await this.#api(
        backend,
        'POST',
        '',
        { 'content-type': 'application/json', 'idempotency-key': key },
        JSON.stringify({ name: process, message: text })
      )
      const outcome = outcomeOf(reply.status, 201)
      const id = outcome === 'ok' ? JSON.parse(reply.text).id : undefined
      this.#posted({
        process,
        invokedAt,
        via: backend.name,
        outcome,
        status: reply.status,
        text,
        id
      })
      if (outcome !== 'unknown' || attempt === attempts || this.#ending.signal.aborted) {
        return outcome
      }
      await this.#pause()
    }
  }

  async moderate (
    process: string,
    backend: Instance,
    id: string,
    hidden: boolean
  ): Promise<Outcome> {
    const invokedAt = this.#recorder.now()
    const reply = await this.#api(backend, 'POST', `/${id}/${hidden ? 'hide' : 'restore'}`, {
      authorization: `Bearer ${MODERATOR_TOKEN}`
    })
    const outcome = outcomeOf(reply.status, 200)
    this.#recorder.add({
      kind: 'moderation',
      process,
      invokedAt,
      completedAt: this.#recorder.now(),
      via: backend.name,
      outcome,
      status: reply.status,
      id,
      hidden,
      isFound: reply.status !== 404
    })
    return outcome
  }

  async get (process: string, backend: Instance, id: string): Promise<void> {
    const invokedAt = this.#recorder.now()
    const reply = await this.#api(backend, 'GET', `/${id}`)
    const isFound = reply.status === 200
    if (isFound) this.#recorder.saw(id, JSON.parse(reply.text).message)
    this.#recorder.add({
      kind: 'get',
      process,
      invokedAt,
      completedAt: this.#recorder.now(),
      via: backend.name,
      outcome: isFound || reply.status === 404 ? 'ok' : 'unknown',
      status: reply.status,
      id,
      isFound,
      isDegraded: false
    })
  }

  /** Reads the newest messages, and turns to older ones for as many pages. */
  async list (process: string, backend: Instance, limit: number, pages = 1): Promise<void> {
    const invokedAt = this.#recorder.now()
    const ids: string[] = []
    let cursor: string | null = ''
    let reply: Reply = { status: 0, text: '' }
    for (let turned = 0; turned < pages && cursor !== null; turned++) {
      reply = await this.#api(backend, 'GET', `?limit=${limit}${cursor && `&cursor=${cursor}`}`)
      if (reply.status !== 200) break
      const page: {
        messages: Array<{ id: string, message: string }>
        nextCursor: string | null
      } = JSON.parse(reply.text)
      for (const { id, message } of page.messages) {
        this.#recorder.saw(id, message)
        ids.push(id)
      }
      cursor = page.nextCursor
    }
    this.#recorder.add({
      kind: pages > 1 ? 'walk' : 'list',
      process,
      invokedAt,
      completedAt: this.#recorder.now(),
      via: backend.name,
      outcome: reply.status === 200 ? 'ok' : 'unknown',
      status: reply.status,
      ids,
      isComplete: cursor === null,
      isDegraded: false
    })
  }

  /** Every visible message, newest first. Throws when it cannot be read. */
  async everything (backend: Instance): Promise<string[]> {
    const ids: string[] = []
    for (let cursor: string | null = ''; cursor !== null;) {
      const reply = await this.#api(backend, 'GET', `?limit=100${cursor && `&cursor=${cursor}`}`)
      if (reply.status !== 200) {
        throw new Error(`${backend.name} answered ${reply.status}: ${reply.text}`)
      }
      const page: {
        messages: Array<{ id: string, message: string }>
        nextCursor: string | null
      } = JSON.parse(reply.text)
      for (const { id, message } of page.messages) {
        this.#recorder.saw(id, message)
        ids.push(id)
      }
      cursor = page.nextCursor
    }
    return ids
  }

  /** Shows a message again after the history has ended; resolves to whether it exists. */
  async restoreAtEnd (backend: Instance, id: string): Promise<boolean> {
    const reply = await this.#api(backend, 'POST', `/${id}/restore`, {
      authorization: `Bearer ${MODERATOR_TOKEN}`
    })
    if (reply.status !== 200 && reply.status !== 404) {
      throw new Error(`${backend.name} answered ${reply.status}: ${reply.text}`)
    }
    return reply.status === 200
  }

  /** Opens the page of a message, where messages have one. */
  async #readMessage (
    process: string,
    visitor: Visitor,
    frontend: Instance,
    id: string
  ): Promise<void> {
    if (this.#messagePath === undefined) return
    visitor.url = `${frontend.url}${this.#messagePath}${id}`
    const invokedAt = this.#recorder.now()
    const reply = await settle(visitor.read())
    const isDegraded = isDegradedPage(reply)
    const isFound = reply.text.includes(`id="m-${id}"`)
    this.#recorder.add({
      kind: 'get',
      process,
      invokedAt,
      completedAt: this.#recorder.now(),
      via: frontend.name,
      outcome: isFound || reply.status === 404 ? 'ok' : 'unknown',
      status: reply.status,
      id,
      isFound,
      isDegraded
    })
  }

  async #visitor (process: string, choose: () => Instance): Promise<void> {
    const visitor = new Visitor('', this.#dispatcher, CLIENT_TIMEOUT_MS)
    while (!this.#ending.signal.aborted) {
      await this.#readPages(process, visitor, choose(), this.#random() < 0.2 ? WALK_PAGES : 1)
      await this.#pause()
      const recent = pick(this.#random, this.#acknowledged.slice(-RECENT))
      if (recent !== undefined) await this.#readMessage(process, visitor, choose(), recent)
      if (!visitor.hasForm || this.#random() < 0.5) continue
      const text = `Hello from ${randomUUID()}`
      for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
        const frontend = choose()
        visitor.url = `${frontend.url}/`
        const invokedAt = this.#recorder.now()
        const reply = await settle(visitor.post(process, text))
        const outcome = outcomeOf(reply.status, 303)
        const id = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/.exec(
          String(reply.headers?.location)
        )?.[0]
        if (outcome === 'ok') this.#messagePath = this.#pathBefore(id, reply.headers?.location)
        this.#posted({
          process,
          invokedAt,
          via: frontend.name,
          outcome,
          status: reply.status,
          text,
          id
        })
        if (outcome !== 'unknown' || this.#ending.signal.aborted) break
        await this.#pause()
      }
    }
  }

  /** The path of a message's page without its id; undefined where the address is an anchor. */
  #pathBefore (id: string | undefined, location: unknown): string | undefined {
    if (id === undefined) {
      throw new Error(`The redirect after a post names no message: ${String(location)}`)
    }
    return String(location).includes('#') ? undefined : String(location).replace(id, '')
  }

  async #readPages (
    process: string,
    visitor: Visitor,
    frontend: Instance,
    pages: number
  ): Promise<void> {
    visitor.url = `${frontend.url}/`
    const invokedAt = this.#recorder.now()
    const ids: string[] = []
    let isComplete = false
    let isDegraded = false
    let reply: Reply = { status: 0, text: '' }
    let turned = 0
    for (; turned < pages; turned++) {
      reply = await settle(visitor.read())
      const shown = messagesIn(reply.text)
      isDegraded ||= isDegradedPage(reply)
      if (reply.status !== 200 && !isDegraded) break
      for (const { id, message } of shown) {
        this.#recorder.saw(id, message)
        ids.push(id)
      }
      const older = /<a href="([^"]+)" rel="next">/.exec(reply.text)?.[1]
      isComplete = older === undefined
      if (isComplete || isDegraded) break
      visitor.url = `${frontend.url}${older!.replaceAll('&amp;', '&').replaceAll('&#x3D;', '=')}`
    }
    const outcome = reply.status === 200 || isDegraded ? 'ok' : 'unknown'
    this.#recorder.add({
      kind: pages > 1 ? 'walk' : 'page',
      process,
      invokedAt,
      completedAt: this.#recorder.now(),
      via: frontend.name,
      outcome,
      status: reply.status,
      ids,
      isComplete,
      isDegraded
    })
  }

  async #apiClient (process: string, choose: () => Instance): Promise<void> {
    while (!this.#ending.signal.aborted) {
      const dice = this.#random()
      const id = pick(this.#random, this.#acknowledged.slice(-RECENT))
      if (dice < 0.35 || id === undefined) await this.post(process, choose)
      else if (dice < 0.55) await this.list(process, choose(), 20)
      else if (dice < 0.7) await this.list(process, choose(), 100)
      else if (dice < 0.8) await this.list(process, choose(), 20, WALK_PAGES)
      else await this.get(process, choose(), id)
      await this.#pause()
    }
  }

  async #reader (process: string): Promise<void> {
    const visitor = new Visitor('', this.#dispatcher, CLIENT_TIMEOUT_MS)
    const choose = () => pick(this.#random, this.#platform.frontends)
    while (!this.#ending.signal.aborted) {
      const recent = pick(this.#random, this.#acknowledged.slice(-RECENT))
      if (recent !== undefined) await this.#readMessage(process, visitor, choose(), recent)
      const pages = this.#random() < 0.2 ? WALK_PAGES : 1
      if (this.#random() < 0.5) {
        await this.#readPages(process, visitor, choose(), pages)
      } else await this.list(process, pick(this.#random, this.#platform.backends), 20, pages)
      await this.#pause()
    }
  }

  /**
   * Uses the backends in turn, so that on each of them some messages are hidden and some restored
   * last.
   */
  async #moderator (process: string): Promise<void> {
    while (!this.#ending.signal.aborted) {
      const id = await Promise.race([this.claim(), aborted(this.#ending.signal)])
      if (id === undefined) return
      let turn = Math.floor(this.#random() * 2)
      for (let action = 0; action < ACTIONS && !this.#ending.signal.aborted; action++, turn++) {
        await this.moderate(process, this.#platform.backends[turn % 2]!, id, action % 2 === 0)
        await this.#pause()
        if (this.#random() < 0.5) {
          await this.get(process, pick(this.#random, this.#platform.backends), id)
        }
        await this.#pause()
      }
    }
  }

  #posted ({
    id,
    ...post
  }: {
    process: string
    invokedAt: number
    via: string
    outcome: Outcome
    status: number | string
    text: string
    id: string | undefined
  }): void {
    this.#recorder.add({
      kind: 'post',
      ...post,
      completedAt: this.#recorder.now(),
      ...(id !== undefined && post.outcome === 'ok' && { id })
    })
    if (id !== undefined && post.outcome === 'ok') {
      this.#recorder.saw(id, post.text)
      this.#acknowledged.push(id)
    }
  }

  async #api (
    { url }: Instance,
    method: 'GET' | 'POST',
    path: string,
    headers: Record<string, string> = {},
    body?: string
  ): Promise<Reply> {
    return await settle(
      (async () => {
        const answer = await request(`${url}${API}${path}`, {
          method,
          headers,
          ...(body !== undefined && { body }),
          dispatcher: this.#dispatcher,
          signal: AbortSignal.timeout(CLIENT_TIMEOUT_MS)
        })
        return {
          status: answer.statusCode,
          headers: answer.headers,
          text: await answer.body.text()
        }
      })()
    )
  }

  /**
   * Of every four clients, two change between the instances, and the others stay with one of them.
   */
  #choice (instances: Instance[], number: number): () => Instance {
    const own = [undefined, undefined, instances[0]!, instances[1]!][number % 4]
    return () => own ?? pick(this.#random, instances)
  }

  async #pause (): Promise<void> {
    await sleep(PAUSE_MS * (0.5 + this.#random()))
  }
}

/** An answer, or the name of what went wrong. */
async function settle (answer: Promise<Answer>): Promise<Reply> {
  try {
    return await answer
  } catch (error) {
    const { name, code } = error as NodeJS.ErrnoException
    return { status: code ?? name, text: '' }
  }
}

/** Whether a page is marked "as of". */
const isDegradedPage = ({ text }: Reply): boolean => text.includes('class="notice"')

function outcomeOf (status: number | string, wanted: number): Outcome {
  if (status === wanted) return 'ok'
  return typeof status === 'number' && status >= 400 && status < 500 ? 'fail' : 'unknown'
}

async function aborted (signal: AbortSignal): Promise<undefined> {
  if (!signal.aborted) {
    await new Promise(resolve => {
      signal.addEventListener('abort', resolve, { once: true })
    })
  }
}
