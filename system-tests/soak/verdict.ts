import type { Failure } from './visitors.ts'
import type { Window } from './faults.ts'

/** Of one service, while nothing is broken. */
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

export interface Verdict {
  /** In words; none means that all is well. */
  problems: string[]
  lost: number
  unasked: number
  failuresInWindows: number
  failuresOutside: number
  services: Record<
    string,
    {
      mibFirst: number
      mibLast: number
      mibPerMinute: number
      filesFirst: number
      filesLast: number
    }
  >
}

/** More than a garbage collector's ups and downs make over some minutes. */
const MIB_PER_MINUTE = 3
/** Connections that happen to be open. */
const FILES = 20

/** Compares what was promised with what is there. */
export function judge ({ acknowledged, stored, failures, windows, samples }: Observed): Verdict {
  const isMissing = ([id, text]: [string, string], among: Map<string, string>) =>
    among.get(id) !== text
  const lost = [...acknowledged].filter(entry => isMissing(entry, stored))
  const unasked = [...stored].filter(entry => isMissing(entry, acknowledged))
  const outside = failures.filter(
    ({ at }) => !windows.some(({ from, to }) => at >= from - PATIENCE_MS && at <= to)
  )
  const services = Object.fromEntries(Object.entries(samples).map(([name, taken]) => [name, {
    mibFirst: taken[0]?.mib ?? NaN,
    mibLast: taken.at(-1)?.mib ?? NaN,
    mibPerMinute: slope(taken.map(({ at, mib }) => [at / 60_000, mib])),
    filesFirst: taken[0]?.files ?? NaN,
    filesLast: taken.at(-1)?.files ?? NaN
  }]))
  const problems = [
    ...(lost.length > 0
      ? [`${lost.length} acknowledged messages are lost, ${lost[0]![0]} for one`]
      : []),
    ...(unasked.length > 0
      ? [`${unasked.length} messages exist that nobody was told of, ${unasked[0]![0]} for one`]
      : []),
    ...(outside.length > 0
      ? [
          `${outside.length} requests failed outside the faults' windows: ${[...new Set(outside.map(({ what }) => what))].join(', ')}`
        ]
      : []),
    ...Object.entries(services).flatMap(([name, { mibPerMinute, filesFirst, filesLast }]) => [
      ...(mibPerMinute > MIB_PER_MINUTE
        ? [`the ${name} grows by ${mibPerMinute.toFixed(1)} MiB a minute`]
        : []),
      ...(filesLast - filesFirst > FILES
        ? [`the ${name} had ${filesFirst} files open and has ${filesLast}`]
        : [])
    ])
  ]
  return {
    problems,
    lost: lost.length,
    unasked: unasked.length,
    failuresInWindows: failures.length - outside.length,
    failuresOutside: outside.length,
    services
  }
}

/** A request that a fault breaks may have begun this much before it: longest a visitor waits. */
const PATIENCE_MS = 10_000

/** Of the straight line that fits best (least squares); 0 of fewer than two points. */
export function slope (points: Array<[x: number, y: number]>): number {
  if (points.length < 2) return 0
  const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
  const [meanX, meanY] = [mean(points.map(([x]) => x)), mean(points.map(([, y]) => y))]
  const spread = points.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0)
  return spread === 0
    ? 0
    : points.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0) / spread
}
