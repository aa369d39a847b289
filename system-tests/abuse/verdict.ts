import { percentile } from '../lib/statistics.ts'
import type { Case } from './cases.ts'
import type { Ended } from './connection.ts'
import type { Observation } from './canary-client.ts'

/** Of the attacked process. */
export interface Resources { mib: number, files: number }

export interface Observed {
  ended: Ended[]
  canary: Observation[]
  before: Resources
  after: Resources
  /** The maximum of its own memory (without the pages of files) during the attack. */
  peakMib: number
  /**
   * From the end of the attack until the canary client was served and connections were closed;
   * undefined after the timeout.
   */
  recoveredMs: number | undefined
}

export interface Verdict {
  /** Empty when every check passed. */
  problems: string[]
  /** The number of connections by outcome. */
  outcomes: Record<string, number>
  canary: { requests: number, shed: number, p50Ms: number, p99Ms: number, slower: number }
}

/** The memory limit of a pod in the charts. */
const MEMORY_LIMIT_MIB = 192
/** Connections that services keep open to each other and to the store. */
const KEPT_CONNECTIONS = 200

/** `baselineMs` is the p99 of the canary client without an attack. */
export function judge (
  { allowed, sheds = false, maxMs = Infinity }: Pick<Case, 'allowed' | 'sheds' | 'maxMs'>,
  mustShed: boolean,
  { ended, canary, before, after, peakMib, recoveredMs }: Observed,
  baselineMs: number
): Verdict {
  const outcomes = Object.fromEntries(
    Object.entries(Object.groupBy(ended, ({ outcome }) => `${outcome}`)).map(
      ([outcome, those]) => [outcome, those!.length]
    )
  )
  const unexpected = Object.keys(outcomes).filter(
    outcome => !allowed.map(String).includes(outcome)
  )
  const wrong = canary.filter(({ problem }) => problem !== undefined)
  const shed = canary.filter(({ isShed }) => isShed).length
  const served = canary
    .filter(({ problem, isShed }) => problem === undefined && !isShed)
    .map(({ ms }) => ms)
  const p99Ms = percentile(served, 99)
  const messages = [...new Set(wrong.map(({ problem }) => problem))].join(', ')
  const checks: Array<[isWrong: boolean, problem: string]> = [
    [unexpected.length > 0, `connections ended with ${unexpected.join(', ')}`],
    [ended.some(({ isPolite }) => !isPolite), 'an answer was a 5xx without Retry-After'],
    [mustShed && !outcomes[503], 'no request was shed'],
    [wrong.length > 0, `${wrong.length} requests of the canary client failed: ${messages}`],
    [shed > 0 && !sheds, `${shed} requests of the canary client were shed`],
    [served.length === 0, 'the canary client was not served'],
    [
      p99Ms > maxMs,
      `the canary client waited ${p99Ms.toFixed(0)} ms (p99), more than ${maxMs} ms`
    ],
    [recoveredMs === undefined, 'it did not recover'],
    [
      peakMib > MEMORY_LIMIT_MIB,
      `its memory reached ${peakMib.toFixed(0)} MiB, more than a pod has`
    ],
    [
      after.files - before.files > KEPT_CONNECTIONS,
      `it had ${before.files} files open and has ${after.files}`
    ]
  ]
  return {
    problems: checks.filter(([isWrong]) => isWrong).map(([, problem]) => problem),
    outcomes,
    canary: {
      requests: canary.length,
      shed,
      p50Ms: percentile(served, 50),
      p99Ms,
      slower: p99Ms / baselineMs
    }
  }
}
