import { scenario, type Case } from '../promtool.ts'
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
const MONGODB_UP = 'mongodb_up{job="guestbook-mongodb",instance="a"}'
const BACKUP =
  'kube_cronjob_status_last_successful_time' +
  '{namespace="guestbook",cronjob="guestbook-mongodb-backup"}'
const PROBE_SUCCESS = 'probe_success{job="blackbox",instance="page"}'
const BACKEND_UP = { 'up{job="guestbook-backend"}': '1x40' }

export const platform: Case[] = [
  scenario('store-unavailable', 'the store is unavailable for ten minutes', '30s', {
    [store('ok')]: counter([30, 19], [0, 19], [30, 40]),
    [store('unavailable')]: counter([0, 19], [30, 19], [0, 40])
  }, { '13m': 'silent', '16m': 'firing', '20m': 'firing', '27m': 'silent' }),
  scenario('mongodb-down', 'mongod is down for eight minutes', '30s', {
    [MONGODB_UP]: '1x9 0x15 1x20'
  }, { '7m30s': 'silent', '10m': 'firing', '12m': 'firing', '14m': 'silent' }),
  scenario('mongodb-down', 'its pod and exporter disappear', '30s', {
    [MONGODB_UP]: '1x9 stale'
  }, { '7m30s': 'silent', '10m': 'firing' }),
  scenario('mongodb-down', 'two scrapes of the exporter time out', '30s', {
    [MONGODB_UP]: '1x9 _ _ 1x30'
  }, { '5m30s': 'silent', '7m': 'silent', '9m': 'silent' }),
  scenario('mongodb-down', 'no MongoDB is deployed', '30s', BACKEND_UP, { '15m': 'silent' }),
  scenario('mongodb-connections', '90 % are in use for twenty minutes', '1m', {
    [connections('current')]: '10x9 90x20 10x30',
    [connections('available')]: '90x9 10x20 90x30'
  }, { '18m': 'silent', '22m': 'firing', '34m': 'silent' }),
  scenario('mongodb-backup-overdue', 'one nightly backup fails and the next succeeds', '5m', {
    [BACKUP]: '0x350 105000x50'
  }, { '28h': 'silent', '28h10m': 'firing', '29h': 'firing', '29h30m': 'silent' }),
  scenario('scrape-target-down', 'one of two replicas is down for twenty minutes', '1m', {
    'up{job="guestbook-backend",instance="a"}': '1x60',
    'up{job="guestbook-backend",instance="b"}': '1x9 0x20 1x30'
  }, { '19m': 'silent', '21m': 'firing', '33m': 'silent' }),
  scenario('scrape-target-down', 'a job loses all its targets', '1m', {
    'up{job="blackbox",instance="a"}': '1x9 stale'
  }, { '19m': 'silent', '22m': 'firing' }),
  scenario('pod-crash-looping', 'a container is in CrashLoopBackOff between restarts', '1m', {
    [waiting('CrashLoopBackOff')]: '_x9 1 1 1 _ _ 1 1 1 _ 1 1 _x30'
  }, { '13m': 'silent', '17m': 'firing', '28m': 'silent' }),
  scenario('pod-crash-looping', 'an image pull takes long', '1m', {
    [waiting('ContainerCreating')]: '1x40'
  }, { '20m': 'silent' }),
  scenario('volume-filling', '10 % is free for half an hour', '1m', {
    [volume('available')]: '50x9 10x30 50x30',
    [volume('capacity')]: '100x70'
  }, { '24m': 'silent', '26m': 'firing', '42m': 'silent' }),
  scenario('visitor-probe-failing', 'the page does not open for five minutes', '30s', {
    [PROBE_SUCCESS]: '1x9 0x9 1x30'
  }, { '6m30s': 'silent', '7m30s': 'firing', '11m': 'silent' }),
  scenario('visitor-probe-failing', 'a single probe fails', '30s', {
    [PROBE_SUCCESS]: '1x9 0 1x30'
  }, { '5m30s': 'silent', '7m': 'silent', '9m': 'silent' }),
  scenario('visitor-probe-slow', 'the page takes three seconds for twenty minutes', '30s', {
    'probe_duration_seconds{job="blackbox",instance="page"}': '0.1x19 3x39 0.1x60'
  }, { '17m': 'silent', '20m': 'firing', '42m': 'silent' }),
  scenario('watchdog', 'Prometheus evaluates rules', '30s', BACKEND_UP, {
    '1m': 'firing', '15m': 'firing'
  }),
  scenario('prometheus-unreachable', 'Prometheus responds', '30s', BACKEND_UP, { '15m': 'silent' })
]
