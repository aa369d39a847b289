import { burnPanel } from '../burn-rate-rules.ts'
import { seconds } from '../duration.ts'
import { windows, type Slo } from '../slo.ts'
import type { Dashboard } from './panels.ts'

export function sloDashboard (slo: Slo): Dashboard {
  const { period, retention } = slo
  const share = seconds(retention) / seconds(period)
  const longest = windows(slo).at(-1)!
  return {
    uid: 'guestbook-slo',
    title: 'Guestbook objectives and error budgets',
    description:
      `The objectives over ${period}, their burn rates, and the error budget that the last ` +
      `${retention} have used.`,
    panels: [
      {
        id: 1,
        title: `Error budget of ${period} used in the last ${retention}`,
        description:
          `Metrics are kept for ${retention}. ` +
          `An even use would be ${Math.round(share * 100)} %.`,
        type: 'stat',
        width: 24,
        height: 5,
        unit: 'percentunit',
        expr: [
          `sum_over_time(slo:bad_requests:increase1h[${retention}])`,
          `clamp_min(sum_over_time(slo:requests:increase1h[${retention}]), 1)`,
          `slo:budget:ratio * ${share.toFixed(4)}`
        ].join(' / '),
        legend: '{{slo}}',
        thresholds: { warning: 0.5, critical: 1 }
      },
      ...slo.burn_rates.map(({ name, burn, long, short }, index) => ({
        id: burnPanel(index),
        title: `Burn rate ${name}: ${long} and ${short}`,
        description: `An alert fires when both are above ${burn}.`,
        type: 'timeseries' as const,
        width: 12,
        queries: [long, short].map(window => ({
          expr: `slo:burn_rate${window}`,
          legend: `{{slo}} ${window}`
        })),
        thresholds: { warning: burn, critical: burn }
      })),
      {
        id: 20,
        title: `Bad requests in ${longest}`,
        type: 'timeseries',
        width: 12,
        expr: `slo:bad_requests:increase${longest}`,
        legend: '{{slo}}'
      },
      {
        id: 21,
        title: `Requests in ${longest}`,
        type: 'timeseries',
        width: 12,
        expr: `slo:requests:increase${longest}`,
        legend: '{{slo}}'
      }
    ]
  }
}
