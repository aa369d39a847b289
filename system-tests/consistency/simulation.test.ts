import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { type AnomalyKind } from './anomalies.ts'
import { check } from './checker.ts'
import type { Get, History, Moderation, Operation, Post, Read } from './history.ts'
import { simulate } from './simulation.ts'
import { pick, seededRandom, type Random } from './random.ts'

const OPTIONS = { pageSize: 1000, degradedBoundMs: 0 }
const kindsOf = (history: History) => new Set(check(history, OPTIONS).map(({ kind }) => kind))
const seeds = fc.integer({ min: 0, max: 2 ** 31 - 1 })

test('a store that keeps its promises has no anomaly, whatever happens at the same time', () => {
  fc.assert(
    fc.property(seeds, seed => {
      expect(check(simulate(seededRandom(seed)), OPTIONS)).toEqual([])
    }),
    { numRuns: 500 }
  )
})

const END = 10_000
const step = (process: string, invokedAt: number, completedAt: number) => ({
  process, via: 'b1', outcome: 'ok' as const, status: 200, invokedAt, completedAt
})

const read = (ids: string[], from = END): Read => ({
  kind: 'list',
  ...step('observer', from, from + 1),
  ids,
  isComplete: true,
  isDegraded: false
})

const hide = (id: string): Moderation => ({
  kind: 'moderation',
  ...step('moderator', END - 10, END - 5),
  id,
  hidden: true,
  isFound: true
})

const without = (ids: string[], id: string) => ids.filter(other => other !== id)

const acknowledgedPosts = ({ operations }: History) => operations
  .filter(operation => operation.kind === 'post')
  .filter(({ outcome, id }) => outcome === 'ok' && id !== undefined)

const idsOf = (posts: Post[]) => posts.map(({ id }) => id!)

/** What was never moderated, so that nothing under way could have hidden it. */
const unmoderated = ({ operations }: History, ids: string[]) =>
  ids.filter(id => !operations.some(step => step.kind === 'moderation' && step.id === id))

const withOperations = (history: History, ...operations: Operation[]): History => ({
  ...history,
  operations: [...history.operations, ...operations]
})

const withText = (history: History, id: string, text: string): History => ({
  ...history,
  texts: new Map([...history.texts, [id, new Set([text])]])
})

/** Breaks one promise in a good history; undefined when there is nothing to break. */
const INJECTIONS: Array<
  [kind: AnomalyKind, inject: (history: History, random: Random) => History | undefined]
> = [
  ['lost', (history, random) => {
    const { visible, all } = history.final
    const id = pick(random, idsOf(acknowledgedPosts(history)))
    return id === undefined
      ? undefined
      : { ...history, final: { visible: without(visible, id), all: without(all, id) } }
  }],
  ['doubled', (history, random) => {
    const { visible, all } = history.final
    const post = pick(random, acknowledgedPosts(history))
    return post && {
      ...withText(history, 'copy', post.text),
      final: { visible: ['copy', ...visible], all: ['copy', ...all] }
    }
  }],
  ['phantom', history =>
    withOperations(
      withText(history, 'ghost', 'never posted'),
      read(['ghost', ...history.final.visible])
    )
  ],
  ['dirty', history => {
    const text = 'text of gone'
    const post: Post = {
      kind: 'post', ...step('author', END - 10, END - 5), outcome: 'unknown', status: 503, text
    }
    const shown = read(['gone', ...history.final.visible])
    return {
      ...withText(history, 'gone', text),
      operations: [post, ...history.operations, shown]
    }
  }],
  ['stale', (history, random) => {
    const { visible } = history.final
    const acknowledged = idsOf(acknowledgedPosts(history)).filter(id => visible.includes(id))
    const id = pick(random, unmoderated(history, acknowledged))
    return id === undefined ? undefined : withOperations(history, read(without(visible, id)))
  }],
  ['backwards', (history, random) => {
    const { visible } = history.final
    const id = pick(random, unmoderated(history, visible))
    return id === undefined
      ? undefined
      : withOperations(history, read(visible), read(without(visible, id), END + 10))
  }],
  ['hiddenShown', (history, random) => {
    const { visible, all } = history.final
    const id = pick(random, visible)
    return id === undefined
      ? undefined
      : {
          ...withOperations(history, hide(id), read(visible)),
          final: { all, visible: without(visible, id) }
        }
  }],
  ['moderationLost', (history, random) => {
    const id = pick(random, history.final.visible)
    return id === undefined ? undefined : withOperations(history, hide(id))
  }],
  ['falseNotFound', (history, random) => {
    const id = pick(random, unmoderated(history, idsOf(acknowledgedPosts(history))))
    if (id === undefined) return undefined
    const get: Get = {
      kind: 'get', ...step('observer', END, END + 1), id, isFound: false, isDegraded: false
    }
    return withOperations(history, { ...get, status: 404 })
  }],
  ['misordered', history => {
    const { visible, all: [newest, ...older] } = history.final
    const posts = acknowledgedPosts(history)
    const last = posts.find(({ id }) => id === newest)
    if (!last) return undefined
    const isFirstAttempt = history.operations.every(step =>
      step.kind !== 'post' || step.text !== last.text || step.invokedAt >= last.invokedAt
    )
    const isAfterAnother = posts.some(({ id, completedAt }) =>
      id !== newest && completedAt < last.invokedAt
    )
    const all = [...older, newest!]
    return isFirstAttempt && isAfterAnother
      ? { ...history, final: { all, visible: all.filter(id => visible.includes(id)) } }
      : undefined
  }]
]

test.each(INJECTIONS)('an injected anomaly is found in any history: %s', (kind, inject) => {
  let injected = 0
  fc.assert(
    fc.property(seeds, seed => {
      const random = seededRandom(seed)
      const history = inject(simulate(random), random)
      if (!history) return
      injected++
      expect(kindsOf(history)).toContain(kind)
    }),
    { numRuns: 200 }
  )
  expect(injected).toBeGreaterThan(20)
})
