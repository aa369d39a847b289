import { median } from '../lib/statistics.ts'
import type { TargetName } from './cases.ts'
import type { Measured } from './wrk.ts'

export interface Round extends Measured {
  /** CPU seconds of everything that served, with mongod and without the load generator. */
  cpuSeconds: number
}

export interface Summary {
  /** Requests a second: the median, minimum and maximum of all rounds. */
  rate: number
  least: number
  most: number
  /** Requests per CPU second, median. */
  ratePerCpu: number
  /** Medians, in milliseconds. */
  p50Ms: number
  p99Ms: number
  errors: number
}

export type CaseResults = Partial<Record<TargetName, Summary>>

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
