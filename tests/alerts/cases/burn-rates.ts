import { scenario, type Case, type States } from '../promtool.ts'
import { latency, requests, traffic, type Counts } from './series.ts'

interface Burn {
  /** Between two values. */
  minutes: number
  /** Half of the requests fail. */
  errors: Counts
  errorStates: States
  /** All responses are slow. The latency budget of 5 % needs more and longer slowness. */
  slow: Counts
  slowStates: States
}

const BURNS: Record<string, Burn> = {
  'slo-burn-page-fast': {
    minutes: 1,
    errors: [120, 20, 60],
    errorStates: { '2h2m': 'silent', '2h8m': 'firing', '2h20m': 'firing', '2h35m': 'silent' },
    slow: [120, 60, 30],
    slowStates: { '2h40m': 'silent', '2h50m': 'firing', '3h12m': 'silent' }
  },
  'slo-burn-page-slow': {
    minutes: 5,
    errors: [72, 12, 24],
    errorStates: { '6h15m': 'silent', '6h40m': 'firing', '7h': 'firing', '7h50m': 'silent' },
    slow: [72, 30, 20],
    slowStates: { '7h40m': 'silent', '8h15m': 'firing', '9h15m': 'silent' }
  },
  'slo-burn-ticket-fast': {
    minutes: 15,
    errors: [96, 8, 20],
    errorStates: { '24h45m': 'silent', '25h45m': 'firing', '26h': 'firing', '28h45m': 'silent' },
    slow: [96, 22, 16],
    slowStates: { '27h30m': 'silent', '29h15m': 'firing', '32h': 'silent' }
  },
  'slo-burn-ticket-slow': {
    minutes: 60,
    errors: [72, 5, 12],
    errorStates: { '74h': 'silent', '77h': 'firing', '78h': 'firing', '85h': 'silent' },
    slow: [72, 8, 12],
    slowStates: { '76h': 'silent', '80h': 'firing', '88h': 'silent' }
  }
}

export const burnRates: Case[] = Object.entries(BURNS).flatMap(
  ([rule, { minutes, errors, errorStates, slow, slowStates }]) => {
    const interval = `${minutes}m`
    const failing = traffic('backend', minutes * 60, 0.5, errors)
    const late = latency('frontend', minutes * 60, 1, slow)
    return [
      {
        ...scenario(rule, 'half of the requests fail', interval, failing, errorStates),
        instance: 'slo="backend-availability"'
      },
      {
        ...scenario(rule, 'responses are slow', interval, late, slowStates),
        instance: 'slo="frontend-latency"'
      },
      scenario(rule, 'a single request of a quiet night fails', interval, {
        [requests('backend', 200)]: '0+0.1x100',
        [requests('backend', 500)]: '0x10 1x90'
      }, Object.fromEntries([12, 20, 60].map(step => [`${step * minutes}m`, 'silent'])))
    ]
  }
)
