import type { Case } from '../promtool.ts'
import { counter } from './series.ts'

const store = (outcome: string) =>
  'guestbook_store_operation_duration_seconds_count' +
  `{job="guestbook-backend",operation="list",outcome="${outcome}"}`
const waiting = (reason: string) =>
  'kube_pod_container_status_waiting_reason' +
  `{namespace="guestbook",pod="p",container="c",reason="${reason}"}`
const connections = (type: string) =>
  `mongodb_ss_connections{job="guestbook-mongodb",instance="a",conn_type="${type}"}`
const volume = (what: string) =>
  `kubelet_volume_stats_${what}_bytes{namespace="guestbook",persistentvolumeclaim="data"}`
const BACKUP =
  'kube_cronjob_status_last_successful_time' +
  '{namespace="guestbook",cronjob="guestbook-mongodb-backup"}'

export const platform: Case[] = [
  {
    rule: 'store-unavailable',
    when: 'the store is unavailable for ten minutes',
    interval: '30s',
    series: {
      [store('ok')]: counter([30, 19], [0, 19], [30, 40]),
      [store('unavailable')]: counter([0, 19], [30, 19], [0, 40])
    },
    expect: [['13m', 'silent'], ['16m', 'firing'], ['20m', 'firing'], ['27m', 'silent']]
  },
  {
    rule: 'mongodb-down',
    when: 'mongod is down for eight minutes',
    interval: '30s',
    series: { 'mongodb_up{job="guestbook-mongodb",instance="a"}': '1x9 0x15 1x20' },
    expect: [['7m30s', 'silent'], ['10m', 'firing'], ['12m', 'firing'], ['14m', 'silent']]
  },
  {
    rule: 'mongodb-down',
    when: 'its pod and exporter disappear',
    interval: '30s',
    series: { 'mongodb_up{job="guestbook-mongodb",instance="a"}': '1x9 stale' },
    expect: [['7m30s', 'silent'], ['10m', 'firing']]
  },
  {
    rule: 'mongodb-down',
    when: 'two scrapes of the exporter time out',
    interval: '30s',
    series: { 'mongodb_up{job="guestbook-mongodb",instance="a"}': '1x9 _ _ 1x30' },
    expect: [['5m30s', 'silent'], ['7m', 'silent'], ['9m', 'silent']]
  },
  {
    rule: 'mongodb-down',
    when: 'no MongoDB is deployed',
    interval: '30s',
    series: { 'up{job="guestbook-backend"}': '1x40' },
    expect: [['15m', 'silent']]
  },
  {
    rule: 'mongodb-connections',
    when: '90 % are in use for twenty minutes',
    interval: '1m',
    series: {
      [connections('current')]: '10x9 90x20 10x30',
      [connections('available')]: '90x9 10x20 90x30'
    },
    expect: [['18m', 'silent'], ['22m', 'firing'], ['34m', 'silent']]
  },
  {
    rule: 'mongodb-backup-overdue',
    when: 'one nightly backup fails and the next succeeds',
    interval: '5m',
    series: {
      [BACKUP]: '0x350 105000x50'
    },
    expect: [['28h', 'silent'], ['28h10m', 'firing'], ['29h', 'firing'], ['29h30m', 'silent']]
  },
  {
    rule: 'scrape-target-down',
    when: 'one of two replicas is down for twenty minutes',
    interval: '1m',
    series: {
      'up{job="guestbook-backend",instance="a"}': '1x60',
      'up{job="guestbook-backend",instance="b"}': '1x9 0x20 1x30'
    },
    expect: [['19m', 'silent'], ['21m', 'firing'], ['33m', 'silent']]
  },
  {
    rule: 'scrape-target-down',
    when: 'a job loses all its targets',
    interval: '1m',
    series: { 'up{job="blackbox",instance="a"}': '1x9 stale' },
    expect: [['19m', 'silent'], ['22m', 'firing']]
  },
  {
    rule: 'pod-crash-looping',
    when: 'a container is in CrashLoopBackOff between restarts',
    interval: '1m',
    series: {
      [waiting('CrashLoopBackOff')]: '_x9 1 1 1 _ _ 1 1 1 _ 1 1 _x30'
    },
    expect: [['13m', 'silent'], ['17m', 'firing'], ['28m', 'silent']]
  },
  {
    rule: 'pod-crash-looping',
    when: 'an image pull takes long',
    interval: '1m',
    series: {
      [waiting('ContainerCreating')]: '1x40'
    },
    expect: [['20m', 'silent']]
  },
  {
    rule: 'volume-filling',
    when: '10 % is free for half an hour',
    interval: '1m',
    series: {
      [volume('available')]: '50x9 10x30 50x30',
      [volume('capacity')]: '100x70'
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
    when: 'a single probe fails',
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
    when: 'Prometheus evaluates rules',
    interval: '30s',
    series: { 'up{job="guestbook-backend"}': '1x40' },
    expect: [['1m', 'firing'], ['15m', 'firing']]
  },
  {
    rule: 'prometheus-unreachable',
    when: 'Prometheus responds',
    interval: '30s',
    series: { 'up{job="guestbook-backend"}': '1x40' },
    expect: [['15m', 'silent']]
  }
]
