/** Grafana's alert rules on burn rates; each watches every objective at once. */
import type { BurnRate, Slo } from './slo.ts'
import { seconds } from './duration.ts'

/** Panel of dashboards/slo.json with the burn rates of one kind. */
export const burnPanel = (index: number): number => 2 + index

const capital = (word: string) => word[0]!.toUpperCase() + word.slice(1)

function rule (
  { name, severity, burn, long, short, for: pending }: BurnRate,
  index: number,
  { minimum_bad_requests: minimum, period }: Slo
) {
  const share = Math.round(((burn * seconds(long)) / seconds(period)) * 100)
  return {
    uid: `slo-burn-${name}`,
    title: `SLO burn ${name}`,
    condition: 'fires',
    data: [
      {
        refId: 'value',
        datasourceUid: 'prometheus',
        relativeTimeRange: { from: 600, to: 0 },
        model: {
          refId: 'value',
          instant: true,
          // The burn rate while it is too high in both windows and not a matter of a few requests, otherwise 0.
          expr: `slo:burn_rate${long} * (slo:burn_rate${short} > bool ${burn}) * (slo:bad_requests:increase${long} >= bool ${minimum})`
        }
      },
      {
        refId: 'fires',
        datasourceUid: '__expr__',
        relativeTimeRange: { from: 600, to: 0 },
        model: {
          refId: 'fires',
          type: 'threshold',
          expression: 'value',
          conditions: [{ evaluator: { type: 'gt', params: [burn] } }]
        }
      }
    ],
    for: pending,
    noDataState: 'OK',
    execErrState: 'OK',
    dashboardUid: 'guestbook-slo',
    panelId: burnPanel(index),
    labels: { severity },
    annotations: {
      __dashboardUid__: 'guestbook-slo',
      __panelId__: String(burnPanel(index)),
      summary: `The error budget of {{ $labels.slo }} burns ${burn} times too fast`,
      impact: `${capital(name)} burn: within ${long} it uses up ${share} % of what may go wrong in ${period}.`,
      runbook: `slo-burn-${name}.md`
    }
  }
}

export function burnRateAlerts (slo: Slo) {
  return {
    apiVersion: 1,
    groups: [
      {
        orgId: 1,
        name: 'slo-burn-rate',
        folder: 'Guestbook',
        interval: '1m',
        rules: slo.burn_rates.map((rate, index) => rule(rate, index, slo))
      }
    ]
  }
}
