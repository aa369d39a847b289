/** The declaration in alert-rules/slo.yml, read strictly. */
import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { seconds } from './duration.ts'
import { ALERT_RULES } from './provisioning.ts'

export interface Objective {
  name: string
  service: string
  /** Share of requests that must be good. */
  percent: number
  /** For latency: within how many seconds an answer is good. Without it the objective is availability. */
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

export function readSlo (text = readFileSync(`${ALERT_RULES}slo.yml`, 'utf8')): Slo {
  const slo = parse(text) as Slo
  for (const { name, percent, seconds } of slo.objectives) {
    if (!(percent > 0 && percent < 100)) {
      throw new Error(`slo.yml: ${name} promises ${percent} %; it must be above 0 and below 100.`)
    }
    // Prometheus 2 writes whole bounds as "1" and Prometheus 3 as "1.0", so no query could name them for both.
    if (seconds !== undefined && Number.isInteger(seconds)) {
      throw new Error(
        `slo.yml: ${name} has a threshold of ${seconds} s; choose a bucket that is not a whole number.`
      )
    }
  }
  for (const { name, long, short } of slo.burn_rates) {
    for (const window of [long, short]) {
      if (seconds(window) > seconds(slo.retention)) {
        throw new Error(
          `slo.yml: the window ${window} of "${name}" is longer than the retention of ${slo.retention}.`
        )
      }
    }
    if (seconds(short) >= seconds(long)) {
      throw new Error(
        `slo.yml: the short window ${short} of "${name}" is not shorter than the long one, ${long}.`
      )
    }
  }
  return slo
}

export const budget = ({ percent }: Objective): number => Number((1 - percent / 100).toFixed(6))

/** Every window that is recorded, shortest first. */
export function windows ({ burn_rates: rates }: Slo): string[] {
  return [...new Set(rates.flatMap(({ long, short }) => [short, long]))].sort(
    (a, b) => seconds(a) - seconds(b)
  )
}
