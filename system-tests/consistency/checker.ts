import type { FinalState, Get, History, Moderation, Operation, Post, Read } from './history.ts'

/** Every promise that an answer can break. docs/develop/consistency.md has them in a table. */
export const ANOMALIES = {
  lost: 'an acknowledged message does not exist in the end',
  doubled: 'one message exists twice, or an answer shows it twice',
  phantom: 'something is shown or stored that nobody posted, or that was refused',
  dirty: 'an answer showed a message that was never acknowledged and does not exist in the end',
  own: 'a client did not see its own acknowledged message',
  backwards: 'a client did not see any more what it had seen before, or saw again what was gone',
  stale: 'an answer lacks what was acknowledged before it was asked for',
  gap: 'a walk over pages lacks a message between those that it shows',
  falseNotFound: 'an existing message was answered 404',
  hiddenShown: 'a message was shown after its hide had been acknowledged',
  moderationLost: 'the last acknowledged hide or restore does not hold in the end',
  misordered:
    'a message sorts below one that its author had seen or that was acknowledged before its post',
  buried:
    'a message was never on the newest page: it was below it already when it was acknowledged',
  degradedHidden: 'a degraded page showed a message long after its hide had been acknowledged'
} as const

export type AnomalyKind = keyof typeof ANOMALIES

export interface Anomaly {
  kind: AnomalyKind
  /** The messages it is about. */
  ids: string[]
  /** The operations that contradict each other. */
  operations: Operation[]
}

export interface CheckOptions {
  /** Messages on the newest page. */
  pageSize: number
  /** Longest that a degraded page may show a message after its hide was acknowledged. */
  degradedBoundMs: number
}

/** The frontend's five minutes, and what an answer may take. */
export const CHECK_OPTIONS: CheckOptions = { pageSize: 20, degradedBoundMs: 5 * 60_000 + 15_000 }

/**
 * Finds every answer of a history that breaks a promise. An unknown outcome is never held against
 * anyone.
 */
export function check (
  { operations, texts, final }: History,
  { pageSize, degradedBoundMs }: CheckOptions = CHECK_OPTIONS
): Anomaly[] {
  const anomalies: Anomaly[] = []
  const report = (kind: AnomalyKind, ids: string[], ...operations: Operation[]) => {
    anomalies.push({ kind, ids, operations })
  }
  const messages = messagesOf(operations, texts)
  const rankOf = new Map(final.all.map((id, rank) => [id, rank]))
  const timelines = timelinesOf(operations)
  const timelineOf = (id: string) => timelines.get(id) ?? UNTOUCHED

  checkMessages(messages, final, texts, report)
  checkOrder(messages, operations, final, rankOf, pageSize, timelineOf, report)
  checkModeration(operations, final, messages, rankOf, timelineOf, report)

  for (const history of byProcess(operations).values()) {
    /** Since when this client knows of a message. */
    const seen = new Map<string, Operation>()
    /** When this client found a message missing that it should have seen if it was visible. */
    const missed = new Map<string, Operation>()
    for (const operation of history) {
      const { kind, outcome } = operation
      if (outcome !== 'ok') continue
      if (kind === 'post') seen.set(operation.id!, operation)
      if (kind !== 'page' && kind !== 'list' && kind !== 'walk' && kind !== 'get') continue
      const shown = kind === 'get' ? (operation.isFound ? [operation.id] : []) : operation.ids
      checkShown(operation, shown)
      if (!operation.isDegraded && !(kind === 'get' && operation.isFound)) {
        checkMissing(operation, new Set(shown))
      }
      for (const id of shown) {
        if (!operation.isDegraded) {
          const before = missed.get(id)
          const isReported = timelineOf(id).isCertainly(
            true,
            operation.invokedAt,
            operation.completedAt
          )
          if (
            before &&
            !isReported &&
            !timelineOf(id).mayBecome(false, before.invokedAt, operation.completedAt)
          ) {
            report('backwards', [id], before, operation, ...timelineOf(id).actions)
          }
          missed.delete(id)
        }
        if (!seen.has(id)) seen.set(id, operation)
      }
    }

    function checkShown (read: Read | Get, shown: string[]): void {
      if (new Set(shown).size < shown.length) {
        report(
          'doubled',
          shown.filter((id, index) => shown.indexOf(id) < index),
          read
        )
      }
      const dirty = shown.filter(
        id => !rankOf.has(id) && messages.get(id)?.acknowledged === undefined
      )
      if (dirty.length > 0) report('dirty', dirty, read)
      const phantoms = shown.filter(
        id => (messages.get(id)?.postedAt ?? Infinity) > read.completedAt
      )
      if (phantoms.length > 0) report('phantom', phantoms, read)
      const { isDegraded } = read
      const hidden = shown.filter(id =>
        timelineOf(id).isCertainly(
          true,
          read.invokedAt - (isDegraded ? degradedBoundMs : 0),
          read.completedAt
        )
      )
      if (hidden.length > 0) {
        report(
          isDegraded ? 'degradedHidden' : 'hiddenShown',
          hidden,
          read,
          ...hidden.flatMap(id => timelineOf(id).actions)
        )
      }
      const ranks = shown.flatMap(id => rankOf.get(id) ?? [])
      if (!isDegraded && ranks.some((rank, index) => index > 0 && rank < ranks[index - 1]!)) {
        report('misordered', shown, read)
      }
    }

    /** What should be in the answer and is not. */
    function checkMissing (read: Read | Get, shown: Set<string>): void {
      const [begin, end] =
        read.kind === 'get'
          ? [rankOf.get(read.id) ?? 0, (rankOf.get(read.id) ?? -1) + 1]
          : [0, endOfRange(read, rankOf, final)]
      const missing: Partial<Record<AnomalyKind, Array<{ id: string, proof: Operation }>>> = {}
      for (let rank = begin; rank < end; rank++) {
        const id = final.all[rank]!
        if (shown.has(id)) continue
        const before = seen.get(id)
        const acknowledged = messages.get(id)?.acknowledged
        const isAcknowledged =
          acknowledged !== undefined && acknowledged.completedAt <= read.invokedAt
        const proof = before ?? (isAcknowledged ? acknowledged : undefined)
        if (!proof) continue
        if (!timelineOf(id).isCertainly(false, read.invokedAt, read.completedAt)) {
          missed.set(id, read)
          continue
        }
        const kind =
          read.kind === 'get'
            ? 'falseNotFound'
            : proof.kind === 'post' && proof === before
              ? 'own'
              : before
                ? 'backwards'
                : isInside(read, rank)
                  ? 'gap'
                  : 'stale'
        ;(missing[kind] ??= []).push({ id, proof })
      }
      for (const [kind, found] of Object.entries(missing)) {
        report(
          kind as AnomalyKind,
          found.map(({ id }) => id),
          read,
          ...found.map(({ proof }) => proof)
        )
      }
    }

    /** Whether a walk shows messages on both sides. */
    function isInside (read: Read | Get, rank: number): boolean {
      return read.kind === 'walk' && read.ids.some(id => (rankOf.get(id) ?? Infinity) < rank)
    }
  }
  return anomalies
}

/** Anomalies by kind, those that do not occur left out. */
export function countByKind (anomalies: Anomaly[]): Partial<Record<AnomalyKind, number>> {
  const counts: Partial<Record<AnomalyKind, number>> = {}
  for (const { kind } of anomalies) counts[kind] = (counts[kind] ?? 0) + 1
  return counts
}

interface Message {
  text: string | undefined
  author: string | undefined
  /**
   * When somebody first tried to post it; infinite when nobody did, or only tried what was
   * refused.
   */
  postedAt: number
  /** The first acknowledgement. */
  acknowledged: Post | undefined
}

type Report = (kind: AnomalyKind, ids: string[], ...operations: Operation[]) => void

/**
 * What clients know of each message: by the text that it was shown with, or by its
 * acknowledgement.
 */
function messagesOf (operations: Operation[], texts: History['texts']): Map<string, Message> {
  const posts = new Map<string, Post[]>()
  const messages = new Map<string, Message>()
  for (const operation of operations) {
    if (operation.kind === 'post') {
      posts.set(operation.text, [...(posts.get(operation.text) ?? []), operation])
    }
  }
  for (const [id, [text]] of [...texts].map(([id, texts]) => [id, [...texts]] as const)) {
    const attempts = (posts.get(text!) ?? []).filter(({ outcome }) => outcome !== 'fail')
    messages.set(id, {
      text,
      author: attempts[0]?.process,
      postedAt: Math.min(...attempts.map(({ invokedAt }) => invokedAt)),
      acknowledged: attempts.find(attempt => attempt.id === id)
    })
  }
  return messages
}

function byProcess (operations: Operation[]): Map<string, Operation[]> {
  const histories = new Map<string, Operation[]>()
  for (const operation of operations) {
    const history = histories.get(operation.process)
    if (history) history.push(operation)
    else histories.set(operation.process, [operation])
  }
  return histories
}

/** The rank behind the last one that an answer would have to show. */
function endOfRange (read: Read, rankOf: Map<string, number>, final: FinalState): number {
  if (read.isComplete) return final.all.length
  return Math.max(0, ...read.ids.flatMap(id => rankOf.get(id) ?? []))
}

function checkMessages (
  messages: Map<string, Message>,
  final: FinalState,
  texts: History['texts'],
  report: Report
): void {
  const idsOf = new Map<string, string>()
  for (const id of final.all) {
    const message = messages.get(id)
    if (!message || message.postedAt === Infinity) report('phantom', [id])
    if (message?.text === undefined) continue
    const other = idsOf.get(message.text)
    if (other !== undefined) {
      report(
        'doubled',
        [other, id],
        ...[messages.get(other)?.acknowledged, message.acknowledged].filter(
          post => post !== undefined
        )
      )
    }
    idsOf.set(message.text, id)
  }
  const existing = new Set(final.all)
  if (existing.size < final.all.length) {
    report(
      'doubled',
      final.all.filter((id, index) => final.all.indexOf(id) < index)
    )
  }
  for (const [id, { acknowledged }] of messages) {
    if (acknowledged && !existing.has(id)) report('lost', [id], acknowledged)
  }
  for (const [id, shown] of texts) {
    if (shown.size > 1) report('phantom', [id])
  }
}

function checkOrder (
  messages: Map<string, Message>,
  operations: Operation[],
  final: FinalState,
  rankOf: Map<string, number>,
  pageSize: number,
  timelineOf: (id: string) => Timeline,
  report: Report
): void {
  /** Of the messages above, the one that was acknowledged first. */
  let above: Post | undefined
  /** When the messages above that are always visible were acknowledged. */
  const times: number[] = []
  const seenOnNewestPage = new Set(
    operations.flatMap(operation => ('ids' in operation ? operation.ids.slice(0, pageSize) : []))
  )
  for (const id of final.all) {
    const message = messages.get(id)
    if (!message) continue
    const { acknowledged, postedAt } = message
    if (above && above.completedAt < postedAt) {
      report('misordered', [id, above.id!], above, ...(acknowledged ? [acknowledged] : []))
    }
    if (
      acknowledged &&
      !seenOnNewestPage.has(id) &&
      times.filter(time => time < acknowledged.completedAt).length >= pageSize
    ) {
      report('buried', [id], acknowledged)
    }
    if (!acknowledged) continue
    if (!above || acknowledged.completedAt < above.completedAt) above = acknowledged
    if (timelineOf(id) === UNTOUCHED) times.push(acknowledged.completedAt)
  }

  const idOf = new Map([...messages].map(([id, { text }]) => [text, id]))
  for (const history of byProcess(operations).values()) {
    /** The highest that this client has seen, unacknowledged messages too. */
    let highest: { rank: number, operation: Operation } | undefined
    const begun = new Set<string>()
    for (const operation of history) {
      if (operation.kind === 'post') {
        const rank = rankOf.get(idOf.get(operation.text) ?? '')
        const isFirstAttempt = !begun.has(operation.text)
        begun.add(operation.text)
        const seen = highest && final.all[highest.rank]
        const isReported =
          seen !== undefined &&
          (messages.get(seen)?.acknowledged?.completedAt ?? Infinity) < operation.invokedAt
        if (isFirstAttempt && rank !== undefined && highest && highest.rank < rank && !isReported) {
          report('misordered', [final.all[rank]!, seen!], highest.operation, operation)
        }
      }
      for (const id of seenIn(operation)) {
        const rank = rankOf.get(id)
        if (rank !== undefined && (!highest || rank < highest.rank)) highest = { rank, operation }
      }
    }
  }
}

function seenIn (operation: Operation): string[] {
  if (operation.outcome !== 'ok' || operation.kind === 'moderation') return []
  if (operation.kind === 'post') return [operation.id!]
  if (operation.kind === 'get') return operation.isFound ? [operation.id] : []
  return operation.ids
}

function checkModeration (
  operations: Operation[],
  final: FinalState,
  messages: Map<string, Message>,
  rankOf: Map<string, number>,
  timelineOf: (id: string) => Timeline,
  report: Report
): void {
  for (const operation of operations) {
    if (operation.kind !== 'moderation' || operation.isFound) continue
    const acknowledged = messages.get(operation.id)?.acknowledged
    if (
      acknowledged &&
      acknowledged.completedAt <= operation.invokedAt &&
      rankOf.has(operation.id)
    ) {
      report('falseNotFound', [operation.id], acknowledged, operation)
    }
  }
  const visible = new Set(final.visible)
  for (const id of final.all) {
    const timeline = timelineOf(id)
    if (timeline.isCertainly(visible.has(id), Infinity, Infinity)) {
      report('moderationLost', [id], ...timeline.actions)
    }
  }
}

/** What can be said of one message's being hidden at every time. */
class Timeline {
  readonly actions: Moderation[]
  /** From a time on, one of these values holds. */
  readonly #states: Array<{ from: number, values: ReadonlySet<boolean> }> = [
    { from: -Infinity, values: new Set([false]) }
  ]

  constructor (actions: Moderation[] = []) {
    this.actions = actions
    const effective = actions.filter(({ outcome }) => outcome !== 'fail')
    const steps = effective.flatMap(action => [
      { at: action.invokedAt, action, isEnd: false },
      ...(action.outcome === 'ok' ? [{ at: action.completedAt, action, isEnd: true }] : [])
    ])
    for (const { at, action, isEnd } of steps.toSorted((a, b) => a.at - b.at)) {
      // The last acknowledged action stands, except against those that were under way with it.
      const isUnderWay = (other: Moderation) =>
        other.invokedAt < action.completedAt && other.completedAt > action.invokedAt
      const standing = effective.filter(other => other === action || isUnderWay(other))
      const values = isEnd
        ? new Set(standing.map(({ hidden }) => hidden))
        : new Set([...this.#states.at(-1)!.values, action.hidden])
      this.#states.push({ from: at, values })
    }
  }

  /**
   * Whether the message was hidden (or visible) all the time from the first to the last moment,
   * whatever became of unknown outcomes.
   */
  isCertainly (hidden: boolean, from: number, to: number): boolean {
    return this.#states.every(({ from: begin, values }, index) => {
      const next = this.#states[index + 1]
      const isOutside = begin > to || (next !== undefined && next.from <= from)
      return isOutside || (values.size === 1 && values.has(hidden))
    })
  }

  /** Whether an action that hides (or shows) may have taken effect between the two moments. */
  mayBecome (hidden: boolean, from: number, to: number): boolean {
    return this.actions.some(action => {
      if (action.hidden !== hidden || action.outcome === 'fail' || action.invokedAt > to) {
        return false
      }
      if (action.outcome === 'ok') return action.completedAt >= from
      return !this.actions.some(
        later =>
          later.outcome === 'ok' &&
          later.invokedAt >= action.completedAt &&
          later.completedAt < from
      )
    })
  }
}

const UNTOUCHED = new Timeline()

function timelinesOf (operations: Operation[]): Map<string, Timeline> {
  const actions = new Map<string, Moderation[]>()
  for (const operation of operations) {
    if (operation.kind === 'moderation') {
      actions.set(operation.id, [...(actions.get(operation.id) ?? []), operation])
    }
  }
  return new Map([...actions].map(([id, actions]) => [id, new Timeline(actions)]))
}
