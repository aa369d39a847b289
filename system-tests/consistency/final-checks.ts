/** Checks of the final state, and of the order of messages in it. */
import type { Report } from './anomalies.ts'
import { byProcess, type FinalState, type History, type Operation, type Post } from './history.ts'
import { UNTOUCHED, type Timeline } from './timeline.ts'

export interface Message {
  text: string | undefined
  author: string | undefined
  /**
   * The time of the first attempt to post it; infinite without an attempt that was not rejected.
   */
  postedAt: number
  /** The first acknowledgement. */
  acknowledged: Post | undefined
}

/**
 * Messages by their id, with the attempts to post their text.
 */
export function messagesOf (
  operations: Operation[],
  texts: History['texts']
): Map<string, Message> {
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

export function checkMessages (
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
    report('doubled', final.all.filter((id, index) => final.all.indexOf(id) < index))
  }
  for (const [id, { acknowledged }] of messages) {
    if (acknowledged && !existing.has(id)) report('lost', [id], acknowledged)
  }
  for (const [id, shown] of texts) {
    if (shown.size > 1) report('phantom', [id])
  }
}

export function checkOrder (
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

export function checkModeration (
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
      acknowledged && acknowledged.completedAt <= operation.invokedAt && rankOf.has(operation.id)
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
