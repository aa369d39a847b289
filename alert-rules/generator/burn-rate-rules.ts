/** The alert rules on burn rates, which follow from slo.yml. Each watches every objective. */
import { seconds } from './duration.ts'
import type { AlertGroup, AlertRule } from './rules.ts'
import type { BurnRate, Slo } from './slo.ts'

/** Panel of dashboards/slo.json that shows a burn rate, by its place in slo.yml. */
export const burnPanel = (index: number): number => 2 + index

const pascalCase = (name: string) =>
  name.replaceAll(/(^|-)(.)/g, (_, _dash, letter: string) => letter.toUpperCase())

function toRule (
  { name, severity, burn, long, short, for: pending }: BurnRate,
  index: number,
  { minimum_bad_requests: minimum, period }: Slo
): AlertRule {
  const percent = Math.round(((burn * seconds(long)) / seconds(period)) * 100)
  return {
    uid: `slo-burn-${name}`,
    title: `ErrorBudgetBurn${pascalCase(name)}`,
    severity,
    // The burn rate of the long window, or 0 if the short one is too low or few requests are bad.
    expr: [
      `slo:burn_rate${long}`,
      `(slo:burn_rate${short} > bool ${burn})`,
      `(slo:bad_requests:increase${long} >= bool ${minimum})`
    ].join(' * '),
    fires: `> ${burn}`,
    for: pending,
    dashboard: 'guestbook-slo',
    panel: burnPanel(index),
    runbook: 'slo-burn.md',
    summary: `The error budget of {{ $labels.slo }} burns ${burn} times too fast`,
    impact: `At this rate, ${long} uses ${percent} % of the error budget of ${period}.`
  }
}

export const burnRateRules = (slo: Slo): AlertGroup => ({
  name: 'slo-burn-rate',
  rules: slo.burn_rates.map((rate, index) => toRule(rate, index, slo))
})
