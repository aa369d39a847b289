import type { ContestantName } from './cases.ts'
import type { Measured } from './wrk.ts'

export interface Round extends Measured {
  /** Processor seconds of everything that served: mongod included, the load generator not. */
  cpuSeconds: number
}

export interface Summary {
  /** Requests a second: the median of all rounds, the least and the most. */
  rate: number
  least: number
  most: number
  /** Requests per second of processor time, median. */
  ratePerCpu: number
  /** Medians, in milliseconds. */
  p50Ms: number
  p99Ms: number
  errors: number
}

export type CaseResults = Partial<Record<ContestantName, Summary>>

export function summarise (rounds: Round[]): Summary {
  const rates = rounds.map(({ requests, errors, seconds }) => (requests - errors) / seconds)
  return {
    rate: median(rates),
    least: Math.min(...rates),
    most: Math.max(...rates),
    ratePerCpu: median(
      rounds.map(({ requests, errors, cpuSeconds }) => (requests - errors) / cpuSeconds)
    ),
    p50Ms: median(rounds.map(({ p50Ms }) => p50Ms)),
    p99Ms: median(rounds.map(({ p99Ms }) => p99Ms)),
    errors: rounds.reduce((sum, { errors }) => sum + errors, 0)
  }
}

/** The middle value, or the mean of the two in the middle; NaN of none. */
export function median (values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length / 2
  return Number.isInteger(middle)
    ? (sorted[middle - 1]! + sorted[middle]!) / 2
    : sorted[Math.floor(middle)]!
}
