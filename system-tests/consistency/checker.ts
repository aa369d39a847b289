import type { Anomaly, AnomalyKind } from './anomalies.ts'
import { checkMessages, checkModeration, checkOrder, messagesOf } from './final-checks.ts'
import {
  byProcess,
  type FinalState,
  type Get,
  type History,
  type Operation,
  type Read
} from './history.ts'
import { timelinesOf, UNTOUCHED } from './timeline.ts'

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
    /** The operation that first showed a message to this client. */
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
        report('doubled', shown.filter((id, index) => shown.indexOf(id) < index), read)
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
                : isInside(read, rank) ? 'gap' : 'stale'
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

/** The rank behind the last one that an answer would have to show. */
function endOfRange (read: Read, rankOf: Map<string, number>, final: FinalState): number {
  if (read.isComplete) return final.all.length
  return Math.max(0, ...read.ids.flatMap(id => rankOf.get(id) ?? []))
}
