import type { Case } from '../promtool.ts'
import { counter } from './series.ts'

const STORE = (outcome: string) =>
  `guestbook_store_operation_duration_seconds_count{job="guestbook-backend",operation="list",outcome="${outcome}"}`

export const others: Case[] = [
  {
    rule: 'store-unavailable',
    when: 'the store is away for ten minutes',
    interval: '30s',
    series: {
      [STORE('ok')]: counter([30, 19], [0, 19], [30, 40]),
      [STORE('unavailable')]: counter([0, 19], [30, 19], [0, 40])
    },
    expect: [
      ['13m', 'silent'],
      ['16m', 'firing'],
      ['20m', 'firing'],
      ['27m', 'silent']
    ]
  },
  {
    rule: 'mongodb-down',
    when: 'mongod is away for eight minutes',
    interval: '30s',
    series: { 'mongodb_up{job="guestbook-mongodb",instance="a"}': '1x9 0x15 1x20' },
    expect: [
      ['7m30s', 'silent'],
      ['10m', 'firing'],
      ['12m', 'firing'],
      ['14m', 'silent']
    ]
  },
  {
    rule: 'mongodb-down',
    when: 'its pod is gone with its exporter',
    interval: '30s',
    series: { 'mongodb_up{job="guestbook-mongodb",instance="a"}': '1x9 stale' },
    expect: [
      ['7m30s', 'silent'],
      ['10m', 'firing']
    ]
  },
  {
    rule: 'mongodb-down',
    when: 'its exporter is too slow twice',
    interval: '30s',
    series: { 'mongodb_up{job="guestbook-mongodb",instance="a"}': '1x9 _ _ 1x30' },
    expect: [
      ['5m30s', 'silent'],
      ['7m', 'silent'],
      ['9m', 'silent']
    ]
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
      'mongodb_ss_connections{job="guestbook-mongodb",instance="a",conn_type="current"}':
        '10x9 90x20 10x30',
      'mongodb_ss_connections{job="guestbook-mongodb",instance="a",conn_type="available"}':
        '90x9 10x20 90x30'
    },
    expect: [
      ['18m', 'silent'],
      ['22m', 'firing'],
      ['34m', 'silent']
    ]
  },
  {
    rule: 'mongodb-backup-overdue',
    when: 'a night without a good backup passes, and the next has one',
    interval: '5m',
    series: {
      'kube_cronjob_status_last_successful_time{namespace="guestbook",cronjob="guestbook-mongodb-backup"}':
        '0x350 105000x50'
    },
    expect: [
      ['28h', 'silent'],
      ['28h10m', 'firing'],
      ['29h', 'firing'],
      ['29h30m', 'silent']
    ]
  },
  {
    rule: 'scrape-target-down',
    when: 'one replica of two does not answer for twenty minutes',
    interval: '1m',
    series: {
      'up{job="guestbook-backend",instance="a"}': '1x60',
      'up{job="guestbook-backend",instance="b"}': '1x9 0x20 1x30'
    },
    expect: [
      ['19m', 'silent'],
      ['21m', 'firing'],
      ['33m', 'silent']
    ]
  },
  {
    rule: 'scrape-target-down',
    when: 'a job vanishes with all of its targets',
    interval: '1m',
    series: { 'up{job="blackbox",instance="a"}': '1x9 stale' },
    expect: [
      ['19m', 'silent'],
      ['22m', 'firing']
    ]
  },
  {
    rule: 'pod-crash-looping',
    when: 'a container waits in CrashLoopBackOff, with starts in between',
    interval: '1m',
    series: {
      'kube_pod_container_status_waiting_reason{namespace="guestbook",pod="p",container="c",reason="CrashLoopBackOff"}':
        '_x9 1 1 1 _ _ 1 1 1 _ 1 1 _x30'
    },
    expect: [
      ['13m', 'silent'],
      ['17m', 'firing'],
      ['28m', 'silent']
    ]
  },
  {
    rule: 'pod-crash-looping',
    when: 'an image is pulled slowly',
    interval: '1m',
    series: {
      'kube_pod_container_status_waiting_reason{namespace="guestbook",pod="p",container="c",reason="ContainerCreating"}':
        '1x40'
    },
    expect: [['20m', 'silent']]
  },
  {
    rule: 'volume-filling',
    when: 'a tenth is left for half an hour',
    interval: '1m',
    series: {
      'kubelet_volume_stats_available_bytes{namespace="guestbook",persistentvolumeclaim="data"}':
        '50x9 10x30 50x30',
      'kubelet_volume_stats_capacity_bytes{namespace="guestbook",persistentvolumeclaim="data"}':
        '100x70'
    },
    expect: [
      ['24m', 'silent'],
      ['26m', 'firing'],
      ['42m', 'silent']
    ]
  },
  {
    rule: 'visitor-probe-failing',
    when: 'the page does not open for five minutes',
    interval: '30s',
    series: { 'probe_success{job="blackbox",instance="page"}': '1x9 0x9 1x30' },
    expect: [
      ['6m30s', 'silent'],
      ['7m30s', 'firing'],
      ['11m', 'silent']
    ]
  },
  {
    rule: 'visitor-probe-failing',
    when: 'a single probe of the night fails',
    interval: '30s',
    series: { 'probe_success{job="blackbox",instance="page"}': '1x9 0 1x30' },
    expect: [
      ['5m30s', 'silent'],
      ['7m', 'silent'],
      ['9m', 'silent']
    ]
  },
  {
    rule: 'visitor-probe-slow',
    when: 'the page takes three seconds for twenty minutes',
    interval: '30s',
    series: { 'probe_duration_seconds{job="blackbox",instance="page"}': '0.1x19 3x39 0.1x60' },
    expect: [
      ['17m', 'silent'],
      ['20m', 'firing'],
      ['42m', 'silent']
    ]
  },
  {
    rule: 'watchdog',
    when: 'Prometheus records rules, always',
    interval: '30s',
    series: { 'up{job="guestbook-backend"}': '1x40' },
    expect: [
      ['1m', 'firing'],
      ['15m', 'firing']
    ]
  },
  {
    rule: 'prometheus-unreachable',
    when: 'Prometheus answers, so that nothing but a missing answer can raise it',
    interval: '30s',
    series: { 'up{job="guestbook-backend"}': '1x40' },
    expect: [['15m', 'silent']]
  }
]
