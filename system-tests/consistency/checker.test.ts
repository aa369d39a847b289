import { expect, test } from '@jest/globals'
import { type AnomalyKind } from './anomalies.ts'
import { check } from './checker.ts'
import type { FinalState, Get, History, Moderation, Operation, Post, Read } from './history.ts'

const MINUTE = 60_000

type Span = [invokedAt: number, completedAt: number]
const step = (process: string, [invokedAt, completedAt]: Span) => ({
  process,
  invokedAt,
  completedAt,
  via: 'b1',
  outcome: 'ok' as const,
  status: 200
})

// Messages are named by one letter; `text a` is the text of message a.
const post = (process: string, span: Span, id: string, over: Partial<Post> = {}): Post => ({
  kind: 'post',
  ...step(process, span),
  id,
  text: `text ${id}`,
  ...over
})
const read = (process: string, span: Span, shown: string, over: Partial<Read> = {}): Read => ({
  kind: 'list',
  ...step(process, span),
  ids: [...shown],
  isComplete: true,
  isDegraded: false,
  ...over
})
const get = (
  process: string, span: Span, id: string, isFound: boolean, isDegraded = false
): Get => ({ kind: 'get', ...step(process, span), id, isFound, isDegraded })
const hide = (span: Span, id: string, over: Partial<Moderation> = {}): Moderation => ({
  kind: 'moderation',
  ...step('moderator', span),
  id,
  hidden: true,
  isFound: true,
  ...over
})
const restore = (span: Span, id: string, over: Partial<Moderation> = {}): Moderation =>
  hide(span, id, { hidden: false, ...over })
const unknown = { outcome: 'unknown', status: 503 } as const
const rejected = { outcome: 'fail', status: 400 } as const
const unacknowledged = (process: string, span: Span, id: string, over: Partial<Post> = unknown) =>
  post(process, span, '', { ...over, text: `text ${id}` })

/**
 * `visible` and `all` are newest first; `texts` are those of messages that do not follow the rule
 * above.
 */
function history (
  operations: Operation[],
  visible: string,
  { all = visible, texts = {} }: { all?: string, texts?: Record<string, string[]> } = {}
): History {
  const ids = new Set([
    ...visible,
    ...all,
    ...operations.flatMap(operation => 'ids' in operation ? operation.ids : (operation.id ?? []))
  ])
  const final: FinalState = { visible: [...visible], all: [...all] }
  return {
    operations: operations.toSorted((one, other) => one.completedAt - other.completedAt),
    texts: new Map([...ids].map(id => [id, new Set(texts[id] ?? [`text ${id}`])])),
    final
  }
}

const kindsOf = (history: History) => [
  ...new Set(check(history, { pageSize: 3, degradedBoundMs: 5 * MINUTE }).map(({ kind }) => kind))
]

/** Everything a client may do, with the answers it should get. */
const GOOD: Operation[] = [
  post('x', [0, 10], 'a'),
  read('x', [20, 30], 'a'),
  post('y', [40, 50], 'b'),
  read('x', [60, 70], 'ba'),
  read('z', [60, 70], 'ba', { kind: 'walk' }),
  hide([80, 90], 'a'),
  read('y', [100, 110], 'b'),
  get('z', [100, 110], 'a', false),
  restore([120, 130], 'a'),
  get('z', [140, 150], 'a', true),
  post('y', [160, 170], 'c')
]

test('a good history has no anomaly', () => {
  expect(kindsOf(history(GOOD, 'cba'))).toEqual([])
})

// Each case adds to the good history, or gives it another end.
/** The end of a history in which message b is hidden. */
const B_HIDDEN = ['ca', { all: 'cba' }] as const

type Ending = [operations: Operation[], visible: string, options?: Parameters<typeof history>[2]]
const CASES: Array<[what: string, kind: AnomalyKind, ...Ending]> = [
  ['an acknowledged message that is gone', 'lost', [], 'ba'],
  ['a message that exists under two ids', 'doubled', [], 'dcba', { texts: { d: ['text c'] } }],
  [
    'a second attempt acknowledged with another id', 'doubled',
    [post('y', [180, 190], 'd', { text: 'text c' })],
    'dcba',
    { texts: { d: ['text c'] } }
  ],
  ['an id twice in the final list', 'doubled', [], 'ccba'],
  ['an id twice in an answer', 'doubled', [read('x', [180, 190], 'ccba')], 'cba'],
  ['a stored message nobody posted', 'phantom', [], 'dcba'],
  [
    'a stored message whose post was rejected', 'phantom',
    [unacknowledged('x', [180, 190], 'd', rejected)],
    'dcba'
  ],
  ['a message shown before it was posted', 'phantom', [read('x', [151, 155], 'cba')], 'cba'],
  ['a message whose text changed', 'phantom', [], 'cba', { texts: { c: ['text c', 'text b'] } }],
  [
    'a list with a message that vanishes', 'dirty',
    [unacknowledged('x', [171, 175], 'd'), read('z', [180, 190], 'dcba')],
    'cba'
  ],
  [
    'one message read that vanishes', 'dirty',
    [unacknowledged('x', [171, 175], 'd'), get('z', [180, 190], 'd', true)],
    'cba'
  ],
  [
    'a degraded page with a message that vanishes', 'dirty',
    [unacknowledged('x', [171, 175], 'd'), read('z', [180, 190], 'dcba', { isDegraded: true })],
    'cba'
  ],
  ["a list without its reader's message", 'own', [read('y', [180, 190], 'ba')], 'cba'],
  [
    'a list without what its reader had seen', 'backwards',
    [post('x', [180, 220], 'd'), read('z', [185, 190], 'dcba'), read('z', [195, 200], 'cba')],
    'dcba'
  ],
  [
    'a message that comes back though nobody restored it', 'backwards',
    [hide([180, 185], 'c', unknown), read('z', [190, 195], 'ba'), read('z', [200, 205], 'cba')],
    'cba'
  ],
  ['a list without what was acknowledged before', 'stale', [read('w', [180, 190], 'ba')], 'cba'],
  ['an empty list after an acknowledged post', 'stale', [read('w', [180, 190], '')], 'cba'],
  ['a list without what was restored before', 'stale', [read('w', [152, 155], 'b')], 'cba'],
  [
    'a page that ends earlier, without what lies before its end', 'stale',
    [read('w', [180, 190], 'ba', { isComplete: false })],
    'cba'
  ],
  [
    'a walk without a message between others', 'gap',
    [read('w', [180, 190], 'ca', { kind: 'walk' })],
    'cba'
  ],
  [
    'a 404 for an acknowledged message', 'falseNotFound',
    [get('w', [180, 190], 'c', false)],
    'cba'
  ],
  ['a 404 for a restored message', 'falseNotFound', [get('w', [152, 155], 'a', false)], 'cba'],
  [
    'a hide that does not find an acknowledged message', 'falseNotFound',
    [hide([180, 190], 'c', { outcome: 'fail', status: 404, isFound: false })],
    'cba'
  ],
  [
    'a hidden message in a list', 'hiddenShown',
    [hide([180, 185], 'b'), read('w', [190, 195], 'cba')],
    ...B_HIDDEN
  ],
  [
    'a hidden message by its id', 'hiddenShown',
    [hide([180, 185], 'b'), get('w', [190, 195], 'b', true)],
    ...B_HIDDEN
  ],
  ['a hide without effect', 'moderationLost', [hide([180, 185], 'b')], 'cba'],
  [
    'a restore without effect', 'moderationLost',
    [hide([180, 185], 'b'), restore([190, 195], 'b')],
    ...B_HIDDEN
  ],
  ['a message that nobody hid', 'moderationLost', [], ...B_HIDDEN],
  [
    'a restore that timed out and landed after an acknowledged hide', 'moderationLost',
    [hide([180, 181], 'b'), restore([182, 184], 'b', unknown), hide([185, 190], 'b')],
    'cba'
  ],
  ['a post below one that was acknowledged before it', 'misordered', [], 'bca'],
  [
    'a post below one that its author had read', 'misordered',
    [
      unacknowledged('x', [180, 250], 'd'),
      read('z', [190, 200], 'dcba'),
      post('z', [210, 220], 'e')
    ],
    'decba'
  ],
  ['an answer in another order', 'misordered', [read('w', [180, 190], 'bca')], 'cba'],
  [
    'a slow post below a full page', 'buried',
    [
      post('w', [180, 300], 'd'),
      post('x', [181, 190], 'e'),
      post('y', [191, 200], 'f'),
      post('x', [201, 210], 'g')
    ],
    'gfedcba'
  ],
  [
    'a degraded page of a message that was hidden too long ago', 'degradedHidden',
    [hide([180, 185], 'b'), get('w', [5 * MINUTE + 190, 5 * MINUTE + 200], 'b', true, true)],
    ...B_HIDDEN
  ],
  [
    'a degraded page with what was hidden too long ago', 'degradedHidden',
    [
      hide([180, 185], 'b'),
      read('w', [5 * MINUTE + 190, 5 * MINUTE + 200], 'cba', { isDegraded: true })
    ],
    ...B_HIDDEN
  ]
]

test.each(CASES)('%s is found: %s', (_what, kind, operations, visible, options = {}) => {
  expect(kindsOf(history([...GOOD, ...operations], visible, options))).toEqual([kind])
})

test.each<[what: string, ...Ending]>([
  [
    'a post of unknown outcome that never came',
    [unacknowledged('x', [180, 190], 'd'), read('w', [200, 210], 'cba')],
    'cba'
  ],
  [
    'a post of unknown outcome that came late',
    [
      unacknowledged('x', [180, 190], 'd'),
      read('w', [200, 210], 'cba'),
      read('w', [220, 230], 'dcba')
    ],
    'dcba'
  ],
  [
    'a second attempt that finds the first',
    [unacknowledged('x', [180, 190], 'd'), post('x', [200, 210], 'd')],
    'dcba'
  ],
  [
    "a slow post that takes its first attempt's place",
    [
      unacknowledged('x', [180, 190], 'd'),
      post('y', [191, 199], 'e'),
      post('x', [200, 210], 'd')
    ],
    'edcba'
  ],
  [
    'a slow post that was on the newest page before its acknowledgement',
    [
      post('w', [180, 300], 'd'),
      read('v', [181, 185], 'dcba'),
      post('x', [186, 190], 'e'),
      post('y', [191, 200], 'f'),
      post('x', [201, 210], 'g')
    ],
    'gfedcba'
  ],
  ['a rejected post', [unacknowledged('x', [180, 190], 'd', rejected)], 'cba'],
  [
    'a read that was under way when a post was acknowledged',
    [post('x', [180, 190], 'd'), read('w', [185, 200], 'cba')],
    'dcba'
  ],
  [
    'a read that shows a post before its acknowledgement',
    [post('x', [180, 190], 'd'), read('w', [181, 185], 'dcba')],
    'dcba'
  ],
  [
    'a list that ends before a message',
    [read('w', [180, 190], 'cb', { isComplete: false })],
    'cba'
  ],
  [
    'an answer that failed',
    [read('w', [180, 190], '', unknown), get('w', [180, 190], 'c', false)].map(operation => ({
      ...operation,
      ...unknown
    })),
    'cba'
  ],
  [
    'a degraded page that is old',
    [
      read('y', [180, 190], 'ba', { isDegraded: true }),
      read('y', [200, 210], '', { isDegraded: true })
    ],
    'cba'
  ],
  [
    'a degraded page of a message that was hidden shortly before',
    [hide([180, 185], 'b'), get('w', [190, 200], 'b', true, true)],
    ...B_HIDDEN
  ],
  [
    'a degraded page with what was hidden shortly before',
    [hide([180, 185], 'b'), read('w', [190, 200], 'cba', { isDegraded: true })],
    ...B_HIDDEN
  ],
  [
    'a hide under way',
    [
      hide([180, 200], 'b'),
      read('w', [185, 190], 'cba'),
      read('w', [191, 195], 'ca'),
      read('v', [192, 196], 'cba')
    ],
    ...B_HIDDEN
  ],
  [
    'a hide of unknown outcome that came',
    [hide([180, 185], 'b', unknown), read('w', [190, 195], 'cba'), read('w', [200, 205], 'ca')],
    ...B_HIDDEN
  ],
  [
    'a hide of unknown outcome that never came',
    [hide([180, 185], 'b', unknown), read('w', [190, 195], 'cba')],
    'cba'
  ],
  [
    'a restore of unknown outcome that came late',
    [
      hide([180, 185], 'b'),
      restore([190, 195], 'b', unknown),
      read('w', [200, 205], 'ca'),
      read('w', [210, 215], 'cba')
    ],
    'cba'
  ],
  [
    'two moderators at once, in either order',
    [
      hide([180, 190], 'b'),
      restore([185, 195], 'b', { process: 'other' }),
      get('w', [200, 205], 'b', true)
    ],
    'cba'
  ],
  [
    'two moderators at once, the other way round',
    [
      hide([180, 190], 'b'),
      restore([185, 195], 'b', { process: 'other' }),
      get('w', [200, 205], 'b', false)
    ],
    ...B_HIDDEN
  ],
  [
    'a hidden message that its author does not find',
    [hide([180, 185], 'c'), read('y', [190, 195], 'ba'), get('y', [196, 197], 'c', false)],
    'ba',
    { all: 'cba' }
  ],
  [
    'posts under way at the same time, in any order',
    [post('x', [180, 190], 'd'), post('y', [185, 195], 'e')],
    'decba'
  ],
  [
    'a 404 for a message that was not acknowledged',
    [unacknowledged('x', [180, 190], 'd'), get('w', [200, 205], 'd', false)],
    'dcba'
  ]
])('%s is no anomaly', (_what, operations, visible, options = {}) => {
  expect(kindsOf(history([...GOOD, ...operations], visible, options))).toEqual([])
})
