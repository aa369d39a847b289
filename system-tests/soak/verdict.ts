import { slope } from '../lib/statistics.ts'
import type { Failure } from './visitors.ts'
import type { Window } from './faults.ts'

/** Of one service, while there is no fault. */
export interface Sample { at: number, mib: number, files: number }

export interface Observed {
  /** Text by id. */
  acknowledged: Map<string, string>
  /** Everything that is stored: text by id. */
  stored: Map<string, string>
  failures: Failure[]
  windows: Window[]
  samples: Record<string, Sample[]>
}

interface Growth {
  mibFirst: number
  mibLast: number
  mibPerMinute: number
  filesFirst: number
  filesLast: number
}

export interface Verdict {
  /** Empty when every check passed. */
  problems: string[]
  lost: number
  unacknowledged: number
  failuresInWindows: number
  failuresOutside: number
  services: Record<string, Growth>
}

/** More than garbage collection makes memory vary in some minutes. */
const MAX_MIB_PER_MINUTE = 3
/** Connections may be open by chance. */
const MAX_MORE_FILES = 20

/** Compares acknowledged with stored messages, failures with windows, and samples with bounds. */
export function judge ({ acknowledged, stored, failures, windows, samples }: Observed): Verdict {
  const isMissing = ([id, text]: [string, string], among: Map<string, string>) =>
    among.get(id) !== text
  const lost = [...acknowledged].filter(entry => isMissing(entry, stored))
  const unacknowledged = [...stored].filter(entry => isMissing(entry, acknowledged))
  const outside = failures.filter(
    ({ at }) => !windows.some(({ from, to }) => at >= from - TIMEOUT_MS && at <= to)
  )
  const services = Object.fromEntries(Object.entries(samples).map(([name, taken]) => [name, {
    mibFirst: taken[0]?.mib ?? NaN,
    mibLast: taken.at(-1)?.mib ?? NaN,
    mibPerMinute: slope(taken.map(({ at, mib }) => [at / 60_000, mib])),
    filesFirst: taken[0]?.files ?? NaN,
    filesLast: taken.at(-1)?.files ?? NaN
  }]))
  const failed = [...new Set(outside.map(({ what }) => what))].join(', ')
  const checks: Array<[isWrong: boolean, problem: string]> = [
    [
      lost.length > 0,
      `${lost.length} acknowledged messages are lost, such as ${lost[0]?.[0]}`
    ],
    [
      unacknowledged.length > 0,
      `${unacknowledged.length} messages were not acknowledged, such as ${unacknowledged[0]?.[0]}`
    ],
    [
      outside.length > 0,
      `${outside.length} requests failed outside the faults' windows: ${failed}`
    ],
    ...Object.entries(services).flatMap(([name, { mibPerMinute, filesFirst, filesLast }]) => [
      [
        mibPerMinute > MAX_MIB_PER_MINUTE,
        `the ${name} grows by ${mibPerMinute.toFixed(1)} MiB a minute`
      ],
      [
        filesLast - filesFirst > MAX_MORE_FILES,
        `the ${name} had ${filesFirst} files open and has ${filesLast}`
      ]
    ] satisfies Array<[boolean, string]>)
  ]
  return {
    problems: checks.filter(([isWrong]) => isWrong).map(([, problem]) => problem),
    lost: lost.length,
    unacknowledged: unacknowledged.length,
    failuresInWindows: failures.length - outside.length,
    failuresOutside: outside.length,
    services
  }
}

/** A visitor's timeout: a request that a fault breaks may have begun that much earlier. */
const TIMEOUT_MS = 10_000
