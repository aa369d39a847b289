/** Histories of a store that keeps every promise, for tests of the checker. */
import type { History, Operation } from './history.ts'
import { pick, type Random } from './random.ts'

const CLIENTS = 5
const STEPS = 14
const PAGE_SIZE = 3

interface Stored { id: string, hidden: boolean, version: number }

/** What an operation does in one moment; reads may look twice, a page each. */
interface Effect { at: number, run: () => void }

/**
 * Clients that post, read and moderate at the same time. Every operation takes effect in one moment
 * between its begin and its end. One of unknown outcome does so then, later, or never.
 */
export function simulate (random: Random): History {
  const operations: Operation[] = []
  const texts: History['texts'] = new Map()
  const effects: Effect[] = []
  const stored: Stored[] = [] // newest first
  const idOf = new Map<string, string>()

  const between = (from: number, to: number) => from + random() * (to - from)
  const visible = () => stored.filter(({ hidden }) => !hidden).map(({ id }) => id)

  function addPost (base: Base, text: string, isUnknown: boolean): void {
    const operation: Operation = { kind: 'post', ...base, text }
    operations.push(operation)
    store(operation, text, isUnknown)
  }

  function store (operation: Operation & { kind: 'post' }, text: string, isUnknown: boolean): void {
    schedule(operation, isUnknown, () => {
      let id = idOf.get(text)
      if (id === undefined) {
        id = `m${idOf.size}`
        idOf.set(text, id)
        texts.set(id, new Set([text]))
        stored.unshift({ id, hidden: false, version: 0 })
      }
      if (!isUnknown) operation.id = id
    })
  }

  /** At a moment in the operation; after its end, or never, when its outcome is unknown. */
  function schedule (operation: Operation, isUnknown: boolean, run: () => void): void {
    const { invokedAt, completedAt } = operation
    if (!isUnknown) effects.push({ at: between(invokedAt, completedAt), run })
    else if (random() < 0.7) effects.push({ at: between(invokedAt, completedAt + 200), run })
  }

  function addModeration (
    base: Base,
    choose: () => string | undefined,
    hidden: boolean,
    isUnknown: boolean
  ): void {
    // Whom it is about is known when it begins, and so is the version that it is decided on.
    effects.push({
      at: base.invokedAt,
      run: () => {
        const id = choose()
        const message = stored.find(message => message.id === id)
        if (id === undefined || !message) return
        const operation: Operation = { kind: 'moderation', ...base, id, hidden, isFound: true }
        operations.push(operation)
        const { version } = message
        if (isUnknown && random() < 0.3) return
        const at = between(base.invokedAt, base.completedAt + (isUnknown ? 200 : 0))
        effects.push({
          at,
          run: () => {
            if (isUnknown && message.version !== version) return
            message.hidden = hidden
            message.version++
          }
        })
      }
    })
  }

  function addRead (base: Base, pages: number): void {
    const operation: Operation = {
      kind: pages > 1 ? 'walk' : 'list',
      ...base,
      ids: [],
      isComplete: false,
      isDegraded: false
    }
    operations.push(operation)
    const moments = Array.from({ length: pages }, () =>
      between(base.invokedAt, base.completedAt)
    ).sort((a, b) => a - b)
    for (const at of moments) {
      effects.push({
        at,
        run: () => {
          const last = operation.ids.at(-1)
          const place = stored.findIndex(({ id }) => id === last)
          const older = stored
            .slice(place + 1)
            .filter(({ hidden }) => !hidden)
            .map(({ id }) => id)
          if (operation.isComplete) return
          operation.ids.push(...older.slice(0, PAGE_SIZE))
          operation.isComplete = older.length <= PAGE_SIZE
        }
      })
    }
  }

  function addGet (base: Base): void {
    effects.push({
      at: base.invokedAt,
      run: () => {
        if (stored.length === 0) return
        const { id } = pick(random, stored)
        const operation: Operation = { kind: 'get', ...base, id, isFound: false, isDegraded: false }
        operations.push(operation)
        effects.push({
          at: between(base.invokedAt, base.completedAt),
          run: () => { operation.isFound = visible().includes(id) }
        })
      }
    })
  }

  type Base = Omit<Extract<Operation, { kind: 'post' }>, 'kind' | 'text' | 'id'>
  for (let client = 0; client < CLIENTS; client++) {
    let at = 0
    for (let step = 0; step < STEPS; step++) {
      const invokedAt = between(at, at + 20)
      const completedAt = between(invokedAt, invokedAt + 40)
      at = completedAt
      const isUnknown = random() < 0.15
      const base: Base = {
        process: `client ${client}`,
        via: 'b1',
        invokedAt,
        completedAt,
        outcome: isUnknown ? 'unknown' : 'ok',
        status: isUnknown ? 503 : 200
      }
      const dice = random()
      // As moderators do, each client has messages of its own that nobody else moderates.
      const own = () =>
        pick(
          random,
          stored.filter((_, index) => (stored.length - index) % CLIENTS === client)
        )?.id
      if (dice < 0.4) addPost(base, `text ${client} ${step}`, isUnknown)
      else if (dice < 0.5 && step > 0) addRepetition(base, client, isUnknown)
      else if (dice < 0.7) addModeration(base, own, random() < 0.5, isUnknown)
      else if (isUnknown) continue
      else if (dice < 0.85) addRead(base, 1)
      else if (dice < 0.92) addRead(base, 3)
      else addGet(base)
    }
  }

  /** Sends the latest post of the client again, as after an answer 503. */
  function addRepetition (base: Base, client: number, isUnknown: boolean): void {
    const posts = operations.filter(
      ({ kind, process }) => kind === 'post' && process === `client ${client}`
    )
    const last = posts.at(-1)
    if (last?.kind === 'post') addPost(base, last.text, isUnknown)
  }

  for (let time = -1; effects.length > 0;) {
    effects.sort((a, b) => a.at - b.at)
    const { at, run } = effects.shift()!
    if (at < time) throw new Error('An effect lies in the past.')
    time = at
    run()
  }
  operations.sort((a, b) => a.completedAt - b.completedAt)
  return { operations, texts, final: { visible: visible(), all: stored.map(({ id }) => id) } }
}
