/** For each rule: silent just before `for` is over, firing just after, silent again after recovery; and what must not page. */
import type { Case } from './promtool.ts'

const UP = (job: string) => `up{job="${job}",instance="a"}`

export const cases: Case[] = [
  ...['frontend', 'backend'].map(service => ({
    rule: `${service}-down`,
    when: 'its only replica stops for five minutes',
    interval: '30s',
    series: { [UP(`guestbook-${service}`)]: '1x9 0x9 1x20' },
    expect: [['5m30s', 'silent'], ['6m30s', 'firing'], ['9m30s', 'firing'], ['11m', 'silent']] as Case['expect']
  })),
  {
    rule: 'frontend-down',
    when: 'one replica of two stops',
    interval: '30s',
    series: { 'up{job="guestbook-frontend",instance="a"}': '1x40', 'up{job="guestbook-frontend",instance="b"}': '0x40' },
    expect: [['15m', 'silent']]
  },
  {
    rule: 'backend-down',
    when: 'its pods are gone altogether, and so are their series',
    interval: '30s',
    series: { [UP('guestbook-backend')]: '1x9 stale' },
    expect: [['5m30s', 'silent'], ['6m30s', 'firing']]
  }
]
