/** For each rule: silent just before `for` is over, firing just after, silent again after recovery; and what must not page. */
import type { Case } from './promtool.ts'

const SERVICES = ['frontend', 'backend']

/** Values of a counter: `steps` of [increase for each value, number of values]. */
function counter (...steps: Array<[increase: number, count: number]>): string {
  let value = 0
  return steps.map(([increase, count]) => {
    const notation = `${value}+${increase}x${count}`
    value += increase * (count + 1)
    return notation
  }).join(' ')
}

/** Ten requests a second, of which `bad` fail, between a good hour and a good end. */
function traffic (service: string, interval: number, bad: number, good: [number, number], failing: number): Record<string, string> {
  const all = 10 * interval
  const series = (status: string) => `http_requests_total{job="guestbook-${service}",status_code="${status}"}`
  return {
    [series('200')]: counter([all, good[0]], [all * (1 - bad), failing], [all, good[1]]),
    [series('500')]: counter([0, good[0]], [all * bad, failing], [0, good[1]])
  }
}

function latency (service: string, interval: number, slow: number, counts: [number, number, number]): Record<string, string> {
  const bucket = (le: string) => `http_request_duration_seconds_bucket{job="guestbook-${service}",status_code="200",le="${le}"}`
  const all = 10 * interval
  const every = counter([all, counts[0] + counts[1] + counts[2] + 2])
  const fast = counter([all, counts[0]], [all * (1 - slow), counts[1]], [all, counts[2]])
  return {
    [bucket('0.3')]: fast,
    [bucket('0.5')]: fast,
    [bucket('2.5')]: every,
    [bucket('+Inf')]: every,
    [`http_request_duration_seconds_count{job="guestbook-${service}",status_code="200"}`]: every
  }
}

const forServices = (toCase: (service: string) => Case): Case[] => SERVICES.map(toCase)

const services: Case[] = [
  ...forServices(service => ({
    rule: `${service}-down`,
    when: 'its only replica stops for five minutes',
    interval: '30s',
    series: { [`up{job="guestbook-${service}",instance="a"}`]: '1x9 0x9 1x20' },
    expect: [['5m30s', 'silent'], ['6m30s', 'firing'], ['9m30s', 'firing'], ['11m', 'silent']]
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
    series: { 'up{job="guestbook-backend",instance="a"}': '1x9 stale' },
    expect: [['5m30s', 'silent'], ['6m30s', 'firing']]
  },
  ...forServices(service => ({
    rule: `${service}-errors`,
    when: 'every tenth request fails for ten minutes',
    interval: '30s',
    series: traffic(service, 30, 0.1, [19, 40], 19),
    expect: [['12m', 'silent'], ['15m30s', 'firing'], ['19m', 'firing'], ['28m', 'silent']]
  })),
  ...forServices(service => ({
    rule: `${service}-errors`,
    when: 'one of three requests fails at night',
    interval: '30s',
    series: {
      [`http_requests_total{job="guestbook-${service}",status_code="200"}`]: '0x10 1x10 2x60',
      [`http_requests_total{job="guestbook-${service}",status_code="500"}`]: '0x10 1x70'
    },
    expect: [['6m', 'silent'], ['8m', 'silent'], ['12m', 'silent']]
  })),
  ...forServices(service => ({
    rule: `${service}-latency`,
    when: 'every fifth answer takes longer than half a second for fifteen minutes',
    interval: '30s',
    series: latency(service, 30, 0.2, [19, 29, 40]),
    expect: [['14m', 'silent'], ['18m', 'firing'], ['24m', 'firing'], ['31m', 'silent']]
  })),
  ...forServices(service => ({
    rule: `${service}-latency`,
    when: 'the only requests of the night are slow',
    interval: '30s',
    series: latency(service, 0.002, 1, [0, 80, 0]),
    expect: [['20m', 'silent'], ['40m', 'silent']]
  }))
]

/** How long half of all requests fail, and when its page is to be there or not; hours need fewer values than minutes. */
const BURNS = {
  'slo-burn-fast': { minutes: 1, good: 120, bad: 20, after: 60, expect: [['2h2m', 'silent'], ['2h8m', 'firing'], ['2h20m', 'firing'], ['2h35m', 'silent']] },
  'slo-burn-slow': { minutes: 5, good: 72, bad: 12, after: 24, expect: [['6h15m', 'silent'], ['6h40m', 'firing'], ['7h', 'firing'], ['7h50m', 'silent']] },
  'slo-burn-creeping': { minutes: 15, good: 96, bad: 8, after: 20, expect: [['24h45m', 'silent'], ['25h45m', 'firing'], ['26h', 'firing'], ['28h45m', 'silent']] },
  'slo-burn-lasting': { minutes: 60, good: 72, bad: 5, after: 12, expect: [['74h', 'silent'], ['77h', 'firing'], ['78h', 'firing'], ['85h', 'silent']] }
} as const

const burns: Case[] = Object.entries(BURNS).flatMap(([rule, { minutes, good, bad, after, expect }]) => [
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
])

/** Five in a hundred may be slow, so slowness must be nearly complete and long before it uses up as much of its budget. */
const SLOW_BURNS = {
  'slo-burn-fast': { minutes: 1, counts: [120, 60, 30], expect: [['2h40m', 'silent'], ['2h50m', 'firing'], ['3h12m', 'silent']] },
  'slo-burn-slow': { minutes: 5, counts: [72, 30, 20], expect: [['7h40m', 'silent'], ['8h15m', 'firing'], ['9h15m', 'silent']] },
  'slo-burn-creeping': { minutes: 15, counts: [96, 22, 16], expect: [['27h30m', 'silent'], ['29h15m', 'firing'], ['32h', 'silent']] },
  'slo-burn-lasting': { minutes: 60, counts: [72, 8, 12], expect: [['76h', 'silent'], ['80h', 'firing'], ['88h', 'silent']] }
} as const

const slowBurns: Case[] = Object.entries(SLOW_BURNS).map(([rule, { minutes, counts, expect }]) => ({
  rule,
  when: 'answers are slow',
  instance: 'slo="frontend-latency"',
  interval: `${minutes}m`,
  series: latency('frontend', minutes * 60, 1, [...counts]),
  expect: expect.map(([time, state]) => [time, state] as [string, 'silent' | 'firing'])
}))

const STORE = (outcome: string) => `guestbook_store_operation_duration_seconds_count{job="guestbook-backend",operation="list",outcome="${outcome}"}`

const others: Case[] = [
  {
    rule: 'store-unavailable',
    when: 'the store is away for ten minutes',
    interval: '30s',
    series: { [STORE('ok')]: counter([30, 19], [0, 19], [30, 40]), [STORE('unavailable')]: counter([0, 19], [30, 19], [0, 40]) },
    expect: [['13m', 'silent'], ['16m', 'firing'], ['20m', 'firing'], ['27m', 'silent']]
  },
  {
    rule: 'mongodb-down',
    when: 'mongod is away for eight minutes',
    interval: '30s',
    series: { 'mongodb_up{job="guestbook-mongodb",instance="a"}': '1x9 0x15 1x20' },
    expect: [['7m30s', 'silent'], ['10m', 'firing'], ['12m', 'firing'], ['14m', 'silent']]
  },
  {
    rule: 'mongodb-down',
    when: 'its pod is gone with its exporter',
    interval: '30s',
    series: { 'mongodb_up{job="guestbook-mongodb",instance="a"}': '1x9 stale' },
    expect: [['7m30s', 'silent'], ['10m', 'firing']]
  },
  {
    rule: 'mongodb-down',
    when: 'its exporter is too slow twice',
    interval: '30s',
    series: { 'mongodb_up{job="guestbook-mongodb",instance="a"}': '1x9 _ _ 1x30' },
    expect: [['5m30s', 'silent'], ['7m', 'silent'], ['9m', 'silent']]
  },
  {
    rule: 'mongodb-down',
    when: 'there has never been a MongoDB',
    interval: '30s',
    series: { 'up{job="guestbook-backend"}': '1x40' },
    expect: [['15m', 'silent']]
  },
  {
    rule: 'mongodb-connections',
    when: 'nine tenths are in use for twenty minutes',
    interval: '1m',
    series: {
      'mongodb_ss_connections{job="guestbook-mongodb",instance="a",conn_type="current"}': '10x9 90x20 10x30',
      'mongodb_ss_connections{job="guestbook-mongodb",instance="a",conn_type="available"}': '90x9 10x20 90x30'
    },
    expect: [['18m', 'silent'], ['22m', 'firing'], ['34m', 'silent']]
  },
  {
    rule: 'mongodb-backup-overdue',
    when: 'a night without a good backup passes, and the next has one',
    interval: '5m',
    series: { 'kube_cronjob_status_last_successful_time{namespace="guestbook",cronjob="guestbook-mongodb-backup"}': '0x350 105000x50' },
    expect: [['28h', 'silent'], ['28h10m', 'firing'], ['29h', 'firing'], ['29h30m', 'silent']]
  },
  {
    rule: 'scrape-target-down',
    when: 'one replica of two does not answer for twenty minutes',
    interval: '1m',
    series: { 'up{job="guestbook-backend",instance="a"}': '1x60', 'up{job="guestbook-backend",instance="b"}': '1x9 0x20 1x30' },
    expect: [['19m', 'silent'], ['21m', 'firing'], ['33m', 'silent']]
  },
  {
    rule: 'scrape-target-down',
    when: 'a job vanishes with all of its targets',
    interval: '1m',
    series: { 'up{job="blackbox",instance="a"}': '1x9 stale' },
    expect: [['19m', 'silent'], ['22m', 'firing']]
  },
  {
    rule: 'pod-crash-looping',
    when: 'a container waits in CrashLoopBackOff, with starts in between',
    interval: '1m',
    series: { 'kube_pod_container_status_waiting_reason{namespace="guestbook",pod="p",container="c",reason="CrashLoopBackOff"}': '_x9 1 1 1 _ _ 1 1 1 _ 1 1 _x30' },
    expect: [['13m', 'silent'], ['17m', 'firing'], ['28m', 'silent']]
  },
  {
    rule: 'pod-crash-looping',
    when: 'an image is pulled slowly',
    interval: '1m',
    series: { 'kube_pod_container_status_waiting_reason{namespace="guestbook",pod="p",container="c",reason="ContainerCreating"}': '1x40' },
    expect: [['20m', 'silent']]
  },
  {
    rule: 'volume-filling',
    when: 'a tenth is left for half an hour',
    interval: '1m',
    series: {
      'kubelet_volume_stats_available_bytes{namespace="guestbook",persistentvolumeclaim="data"}': '50x9 10x30 50x30',
      'kubelet_volume_stats_capacity_bytes{namespace="guestbook",persistentvolumeclaim="data"}': '100x70'
    },
    expect: [['24m', 'silent'], ['26m', 'firing'], ['42m', 'silent']]
  },
  {
    rule: 'visitor-probe-failing',
    when: 'the page does not open for five minutes',
    interval: '30s',
    series: { 'probe_success{job="blackbox",instance="page"}': '1x9 0x9 1x30' },
    expect: [['6m30s', 'silent'], ['7m30s', 'firing'], ['11m', 'silent']]
  },
  {
    rule: 'visitor-probe-failing',
    when: 'a single probe of the night fails',
    interval: '30s',
    series: { 'probe_success{job="blackbox",instance="page"}': '1x9 0 1x30' },
    expect: [['5m30s', 'silent'], ['7m', 'silent'], ['9m', 'silent']]
  },
  {
    rule: 'visitor-probe-slow',
    when: 'the page takes three seconds for twenty minutes',
    interval: '30s',
    series: { 'probe_duration_seconds{job="blackbox",instance="page"}': '0.1x19 3x39 0.1x60' },
    expect: [['17m', 'silent'], ['20m', 'firing'], ['42m', 'silent']]
  },
  {
    rule: 'watchdog',
    when: 'Prometheus records rules, always',
    interval: '30s',
    series: { 'up{job="guestbook-backend"}': '1x40' },
    expect: [['1m', 'firing'], ['15m', 'firing']]
  },
  {
    rule: 'prometheus-unreachable',
    when: 'Prometheus answers, so that nothing but a missing answer can raise it',
    interval: '30s',
    series: { 'up{job="guestbook-backend"}': '1x40' },
    expect: [['15m', 'silent']]
  }
]

export const cases: Case[] = [...services, ...burns, ...slowBurns, ...others]
