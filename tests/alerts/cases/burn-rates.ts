import type { Case } from '../promtool.ts'
import { latency, traffic } from './series.ts'

/**
 * Half of the requests fail: the minutes between two values, the number of good values before, of
 * bad ones, of good ones after, and when the alert fires.
 */
const BURNS = {
  'slo-burn-page-fast': {
    minutes: 1,
    good: 120,
    bad: 20,
    after: 60,
    expect: [['2h2m', 'silent'], ['2h8m', 'firing'], ['2h20m', 'firing'], ['2h35m', 'silent']]
  },
  'slo-burn-page-slow': {
    minutes: 5,
    good: 72,
    bad: 12,
    after: 24,
    expect: [['6h15m', 'silent'], ['6h40m', 'firing'], ['7h', 'firing'], ['7h50m', 'silent']]
  },
  'slo-burn-ticket-fast': {
    minutes: 15,
    good: 96,
    bad: 8,
    after: 20,
    expect: [['24h45m', 'silent'], ['25h45m', 'firing'], ['26h', 'firing'], ['28h45m', 'silent']]
  },
  'slo-burn-ticket-slow': {
    minutes: 60,
    good: 72,
    bad: 5,
    after: 12,
    expect: [['74h', 'silent'], ['77h', 'firing'], ['78h', 'firing'], ['85h', 'silent']]
  }
} as const

export const burns: Case[] = Object.entries(BURNS).flatMap(
  ([rule, { minutes, good, bad, after, expect }]) => [
    {
      rule,
      when: 'half of the requests fail',
      instance: 'slo="backend-availability"',
      interval: `${minutes}m`,
      series: traffic('backend', minutes * 60, 0.5, [good, after], bad),
      expect: expect.map(([time, state]) => [time, state] as [string, 'silent' | 'firing'])
    },
    {
      rule,
      when: 'a single request of a quiet night fails',
      interval: `${minutes}m`,
      series: {
        'http_requests_total{job="guestbook-backend",status_code="200"}': '0+0.1x100',
        'http_requests_total{job="guestbook-backend",status_code="500"}': '0x10 1x90'
      },
      expect: [12, 20, 60].map(step => [`${step * minutes}m`, 'silent'] as [string, 'silent'])
    }
  ]
)

/** All responses are slow: a budget of 5 % needs more and longer slowness. */
const SLOW_BURNS = {
  'slo-burn-page-fast': {
    minutes: 1,
    counts: [120, 60, 30],
    expect: [['2h40m', 'silent'], ['2h50m', 'firing'], ['3h12m', 'silent']]
  },
  'slo-burn-page-slow': {
    minutes: 5,
    counts: [72, 30, 20],
    expect: [['7h40m', 'silent'], ['8h15m', 'firing'], ['9h15m', 'silent']]
  },
  'slo-burn-ticket-fast': {
    minutes: 15,
    counts: [96, 22, 16],
    expect: [['27h30m', 'silent'], ['29h15m', 'firing'], ['32h', 'silent']]
  },
  'slo-burn-ticket-slow': {
    minutes: 60,
    counts: [72, 8, 12],
    expect: [['76h', 'silent'], ['80h', 'firing'], ['88h', 'silent']]
  }
} as const

export const slowBurns: Case[] = Object.entries(SLOW_BURNS).map(
  ([rule, { minutes, counts, expect }]) => ({
    rule,
    when: 'answers are slow',
    instance: 'slo="frontend-latency"',
    interval: `${minutes}m`,
    series: latency('frontend', minutes * 60, 1, [...counts]),
    expect: expect.map(([time, state]) => [time, state] as [string, 'silent' | 'firing'])
  })
)
