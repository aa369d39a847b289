/** The objectives declared in alert-rules/slo.yml, read strictly. */
import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { seconds } from './duration.ts'
import { ALERT_RULES } from './provisioning.ts'

export interface Objective {
  name: string
  service: string
  /** Share of requests that must be good. */
  percent: number
  /** Time limit of a good response, for a latency objective. */
  seconds?: number
}

export interface BurnRate {
  name: string
  severity: 'critical' | 'warning'
  burn: number
  long: string
  short: string
  for: string
}

export interface Slo {
  period: string
  retention: string
  minimum_bad_requests: number
  objectives: Objective[]
  burn_rates: BurnRate[]
}

function check (holds: boolean, message: string): void {
  if (!holds) throw new Error(`slo.yml: ${message}`)
}

export function readSlo (text = readFileSync(`${ALERT_RULES}slo.yml`, 'utf8')): Slo {
  const slo = parse(text) as Slo
  for (const { name, percent, seconds: limit } of slo.objectives) {
    check(
      percent > 0 && percent < 100,
      `${name} has an objective of ${percent} %; it must be above 0 and below 100.`
    )
    // Prometheus 2 writes the bucket "1" and Prometheus 3 "1.0": no query can match both.
    check(
      !Number.isInteger(limit),
      `${name} has a threshold of ${limit} s; choose a bucket that is not a whole number.`
    )
  }
  for (const { name, long, short } of slo.burn_rates) {
    for (const window of [long, short]) {
      check(
        seconds(window) <= seconds(slo.retention),
        `the window ${window} of "${name}" is longer than the retention of ${slo.retention}.`
      )
    }
    check(
      seconds(short) < seconds(long),
      `the short window ${short} of "${name}" is not shorter than the long one, ${long}.`
    )
  }
  return slo
}

/** The error budget: the share of requests that may be bad. */
export const budget = ({ percent }: Objective): number => Number((1 - percent / 100).toFixed(6))

/** Every window that is recorded, shortest first. */
export function windows ({ burn_rates: rates }: Slo): string[] {
  return [...new Set(rates.flatMap(({ long, short }) => [short, long]))].sort(
    (a, b) => seconds(a) - seconds(b)
  )
}
