import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { type AnomalyKind } from './anomalies.ts'
import { check } from './checker.ts'
import type { History, Operation, Read } from './history.ts'
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
const read = (ids: string[], from = END): Read => ({
  kind: 'list',
  process: 'observer',
  via: 'b1',
  outcome: 'ok',
  status: 200,
  invokedAt: from,
  completedAt: from + 1,
  ids,
  isComplete: true,
  isDegraded: false
})
const without = (ids: string[], id: string) => ids.filter(other => other !== id)
const posts = ({ operations }: History) => operations.filter(
  operation =>
    operation.kind === 'post' && operation.outcome === 'ok' && operation.id !== undefined
)
const idOf = (operation: Operation) => (operation.kind === 'post' ? operation.id! : '')

/** Breaks one promise in a good history; undefined when there is nothing to break. */
const INJECTIONS: Array<
  [kind: AnomalyKind, inject: (history: History, random: Random) => History | undefined]
> = [
  [
    'lost',
    (history, random) => {
      const post = pick(random, posts(history))
      return (
        post && {
          ...history,
          final: {
            visible: without(history.final.visible, idOf(post)),
            all: without(history.final.all, idOf(post))
          }
        }
      )
    }
  ],
  [
    'doubled',
    (history, random) => {
      const post = pick(random, posts(history))
      return post?.kind === 'post'
        ? {
            ...history,
            texts: new Map([...history.texts, ['copy', new Set([post.text])]]),
            final: {
              visible: ['copy', ...history.final.visible],
              all: ['copy', ...history.final.all]
            }
          }
        : undefined
    }
  ],
  [
    'phantom',
    history => ({
      ...history,
      texts: new Map([...history.texts, ['ghost', new Set(['never posted'])]]),
      operations: [...history.operations, read(['ghost', ...history.final.visible])]
    })
  ],
  [
    'dirty',
    history => ({
      ...history,
      texts: new Map([...history.texts, ['gone', new Set(['text of gone'])]]),
      operations: [
        {
          kind: 'post',
          process: 'author',
          via: 'b1',
          outcome: 'unknown',
          status: 503,
          invokedAt: END - 10,
          completedAt: END - 5,
          text: 'text of gone'
        },
        ...history.operations,
        read(['gone', ...history.final.visible])
      ]
    })
  ],
  [
    'stale',
    (history, random) => {
      const { visible } = history.final
      // What was never moderated, so that nothing under way could have hidden it.
      const acknowledged = posts(history).map(idOf).filter(
        id =>
          visible.includes(id) &&
            !history.operations.some(
              operation => operation.kind === 'moderation' && operation.id === id
            )
      )
      const id = pick(random, acknowledged)
      return id === undefined
        ? undefined
        : { ...history, operations: [...history.operations, read(without(visible, id))] }
    }
  ],
  [
    'backwards',
    (history, random) => {
      const { visible } = history.final
      const untouched = visible.filter(
        id =>
          !history.operations.some(
            operation => operation.kind === 'moderation' && operation.id === id
          )
      )
      const id = pick(random, untouched)
      return id === undefined
        ? undefined
        : {
            ...history,
            operations: [
              ...history.operations,
              read(visible),
              read(without(visible, id), END + 10)
            ]
          }
    }
  ],
  [
    'hiddenShown',
    (history, random) => {
      const id = pick(random, history.final.visible)
      return id === undefined
        ? undefined
        : {
            ...history,
            operations: [
              ...history.operations,
              {
                kind: 'moderation',
                process: 'moderator',
                via: 'b1',
                outcome: 'ok',
                status: 200,
                invokedAt: END - 10,
                completedAt: END - 5,
                id,
                hidden: true,
                isFound: true
              },
              read(history.final.visible)
            ],
            final: { ...history.final, visible: without(history.final.visible, id) }
          }
    }
  ],
  [
    'moderationLost',
    (history, random) => {
      const id = pick(random, history.final.visible)
      return id === undefined
        ? undefined
        : {
            ...history,
            operations: [
              ...history.operations,
              {
                kind: 'moderation',
                process: 'moderator',
                via: 'b1',
                outcome: 'ok',
                status: 200,
                invokedAt: END - 10,
                completedAt: END - 5,
                id,
                hidden: true,
                isFound: true
              }
            ]
          }
    }
  ],
  [
    'falseNotFound',
    (history, random) => {
      const untouched = posts(history).map(idOf).filter(
        id =>
          !history.operations.some(
            operation => operation.kind === 'moderation' && operation.id === id
          )
      )
      const id = pick(random, untouched)
      return id === undefined
        ? undefined
        : {
            ...history,
            operations: [
              ...history.operations,
              {
                kind: 'get',
                process: 'observer',
                via: 'b1',
                outcome: 'ok',
                status: 404,
                invokedAt: END,
                completedAt: END + 1,
                id,
                isFound: false,
                isDegraded: false
              }
            ]
          }
    }
  ],
  [
    'misordered',
    history => {
      const [newest, ...older] = history.final.all
      const last = posts(history).filter(post => idOf(post) === newest)[0]
      const isLater =
        last?.kind === 'post' &&
        history.operations.every(
          ({ kind, invokedAt, ...rest }) =>
            kind !== 'post' ||
            (rest as { text: string }).text !== last.text ||
            invokedAt >= last.invokedAt
        )
      const before =
        last &&
        posts(history).some(post => idOf(post) !== newest && post.completedAt < last.invokedAt)
      const end = newest === undefined ? [] : [...older, newest]
      return isLater && before
        ? {
            ...history,
            final: { all: end, visible: end.filter(id => history.final.visible.includes(id)) }
          }
        : undefined
    }
  ]
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
