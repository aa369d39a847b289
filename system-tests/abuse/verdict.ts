import type { Case } from './cases.ts'
import type { Ended } from './connection.ts'
import type { Observation } from './witness.ts'

/** Of the attacked process. */
export interface Resources { mib: number, files: number }

export interface Observed {
  ended: Ended[]
  witness: Observation[]
  before: Resources
  after: Resources
  /** Most memory of its own (without the pages of files) that it held during the attack. */
  peakMib: number
  /** From the end of the attack until a visitor was served again and the connections were gone; undefined: not in good time. */
  recoveredMs: number | undefined
}

export interface Verdict {
  /** In words; none means that all is well. */
  problems: string[]
  /** Number of connections by how they ended. */
  outcomes: Record<string, number>
  witness: { requests: number, turnedAway: number, p50Ms: number, p99Ms: number, slower: number }
}

/** What the charts give a pod. */
const MEMORY_MIB = 192
/** Connections that services keep to each other and to the store. */
const KEPT_FILES = 200

/** `quietMs` is the witness's p99 when nobody attacks. */
export function judge (
  { allowed, sheds = false, mostMs = Infinity }: Pick<Case, 'allowed' | 'sheds' | 'mostMs'>,
  mustShed: boolean,
  { ended, witness, before, after, peakMib, recoveredMs }: Observed,
  quietMs: number
): Verdict {
  const outcomes = Object.fromEntries(
    Object.entries(Object.groupBy(ended, ({ outcome }) => `${outcome}`)).map(
      ([outcome, those]) => [outcome, those!.length]
    )
  )
  const unexpected = Object.keys(outcomes).filter(
    outcome => !allowed.map(String).includes(outcome)
  )
  const wrong = witness.filter(({ problem }) => problem !== undefined)
  const turnedAway = witness.filter(({ isTurnedAway }) => isTurnedAway).length
  const served = witness
    .filter(({ problem, isTurnedAway }) => problem === undefined && !isTurnedAway)
    .map(({ ms }) => ms)
  const p99Ms = percentile(served, 0.99)
  const problems = [
    ...(unexpected.length > 0 ? [`it ended with ${unexpected.join(', ')}`] : []),
    ...(ended.some(({ isPolite }) => !isPolite)
      ? ['an answer was a 5xx without Retry-After']
      : []),
    ...(mustShed && !outcomes[503] ? ['nobody was turned away'] : []),
    ...(wrong.length > 0
      ? [
          `${wrong.length} requests of the witness went wrong: ${[...new Set(wrong.map(({ problem }) => problem))].join(', ')}`
        ]
      : []),
    ...(turnedAway > 0 && !sheds ? [`the witness was turned away ${turnedAway} times`] : []),
    ...(served.length === 0 ? ['the witness was not served'] : []),
    ...(p99Ms > mostMs
      ? [`the witness waited ${p99Ms.toFixed(0)} ms (p99), more than ${mostMs} ms`]
      : []),
    ...(recoveredMs === undefined ? ['it did not recover'] : []),
    ...(peakMib > MEMORY_MIB ? [`it held ${peakMib.toFixed(0)} MiB, more than a pod has`] : []),
    ...(after.files - before.files > KEPT_FILES
      ? [`it had ${before.files} files open and has ${after.files}`]
      : [])
  ]
  return {
    problems,
    outcomes,
    witness: {
      requests: witness.length,
      turnedAway,
      p50Ms: percentile(served, 0.5),
      p99Ms,
      slower: p99Ms / quietMs
    }
  }
}

/** NaN of nothing. */
export function percentile (values: number[], share: number): number {
  return values.toSorted((a, b) => a - b)[Math.max(0, Math.ceil(values.length * share) - 1)] ?? NaN
}
