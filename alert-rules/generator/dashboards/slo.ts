import { burnPanel } from '../burn-rate-alerts.ts'
import { seconds } from '../duration.ts'
import { windows, type Slo } from '../slo.ts'
import type { Dashboard } from './panels.ts'

export function sloDashboard (slo: Slo): Dashboard {
  const share = seconds(slo.retention) / seconds(slo.period)
  const longest = windows(slo).at(-1)!
  return {
    uid: 'guestbook-slo',
    title: 'Guestbook objectives and error budgets',
    description: `What was promised over ${slo.period}, how fast its budget is used up, and what of it the last ${slo.retention} have used.`,
    panels: [
      {
        id: 1,
        title: `Budget of ${slo.period} used in the last ${slo.retention}`,
        description: `Metrics are kept for ${slo.retention}. An even use would be ${Math.round(share * 100)} %.`,
        type: 'stat',
        width: 24,
        height: 5,
        unit: 'percentunit',
        queries: [
          {
            expr: `sum_over_time(slo:bad_requests:increase1h[${slo.retention}]) / clamp_min(sum_over_time(slo:requests:increase1h[${slo.retention}]), 1) / slo:budget:ratio * ${share.toFixed(4)}`,
            legend: '{{slo}}'
          }
        ],
        thresholds: { warning: 0.5, critical: 1 }
      },
      ...slo.burn_rates.map(({ name, burn, long, short }, index) => ({
        id: burnPanel(index),
        title: `Burn rate, ${name}: ${long} and ${short}`,
        description: `Somebody is told when both are above ${burn}.`,
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
        queries: [{ expr: `slo:bad_requests:increase${longest}`, legend: '{{slo}}' }]
      },
      {
        id: 21,
        title: `Requests in ${longest}`,
        type: 'timeseries',
        width: 12,
        queries: [{ expr: `slo:requests:increase${longest}`, legend: '{{slo}}' }]
      }
    ]
  }
}
