import { burnPanel } from '../burn-rate-rules.ts'
import { seconds } from '../duration.ts'
import { windows, type Slo } from '../slo.ts'
import { stat, timeseries, type Dashboard } from './panels.ts'

export function sloDashboard (slo: Slo): Dashboard {
  const { period, retention } = slo
  const share = seconds(retention) / seconds(period)
  const evenUse = Math.round(share * 100)
  const longest = windows(slo).at(-1)!
  return {
    uid: 'guestbook-slo',
    title: 'Guestbook objectives and error budgets',
    description:
      `The objectives over ${period}, their burn rates, and the error budget that the last ` +
      `${retention} have used.`,
    panels: [
      stat(1, `Error budget of ${period} used in the last ${retention}`, {
        '{{slo}}': [
          `sum_over_time(slo:bad_requests:increase1h[${retention}])`,
          `clamp_min(sum_over_time(slo:requests:increase1h[${retention}]), 1)`,
          `slo:budget:ratio * ${share.toFixed(4)}`
        ].join(' / ')
      }, {
        description: `Metrics are kept for ${retention}. An even use would be ${evenUse} %.`,
        width: 24,
        height: 5,
        unit: 'percentunit',
        thresholds: { warning: 0.5, critical: 1 }
      }),
      ...slo.burn_rates.map(({ name, burn, long, short }, index) =>
        timeseries(burnPanel(index), `Burn rate ${name}: ${long} and ${short}`, {
          [`{{slo}} ${long}`]: `slo:burn_rate${long}`,
          [`{{slo}} ${short}`]: `slo:burn_rate${short}`
        }, {
          description: `An alert fires when both are above ${burn}.`,
          width: 12,
          thresholds: { warning: burn, critical: burn }
        })),
      timeseries(20, `Bad requests in ${longest}`, {
        '{{slo}}': `slo:bad_requests:increase${longest}`
      }, { width: 12 }),
      timeseries(21, `Requests in ${longest}`, {
        '{{slo}}': `slo:requests:increase${longest}`
      }, { width: 12 })
    ]
  }
}
