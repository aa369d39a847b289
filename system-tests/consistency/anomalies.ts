import type { Operation } from './history.ts'

/** Every promise that an answer can break. docs/develop/consistency.md has them in a table. */
export const ANOMALIES = {
  lost: 'an acknowledged message does not exist in the end',
  doubled: 'one message exists twice, or an answer shows it twice',
  phantom: 'something is shown or stored that nobody posted, or whose post was rejected',
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

export type Report = (kind: AnomalyKind, ids: string[], ...operations: Operation[]) => void

/** The number of anomalies of each kind that occurs. */
export function countByKind (anomalies: Anomaly[]): Partial<Record<AnomalyKind, number>> {
  const counts: Partial<Record<AnomalyKind, number>> = {}
  for (const { kind } of anomalies) counts[kind] = (counts[kind] ?? 0) + 1
  return counts
}
