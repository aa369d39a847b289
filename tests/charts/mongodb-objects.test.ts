import { readFileSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import { DNS, inNamespaces, networkPolicy, serviceAccount } from './common.ts'
import { find, render, ROOT } from './helm.ts'
import { labels, NAME, renderMongodb, selectorLabels } from './mongodb.ts'

const MEMBERS = { matchLabels: selectorLabels('mongodb') }
const JOBS = {
  matchLabels: {
    'app.kubernetes.io/name': 'guestbook-mongodb', 'app.kubernetes.io/instance': 'db'
  },
  matchExpressions: [{
    key: 'app.kubernetes.io/component', operator: 'In', values: ['backup', 'restore', 'test']
  }]
}
const MONGODB_PORT = { name: 'mongodb', port: 27017, targetPort: 'mongodb', protocol: 'TCP' }
const METRICS_PORT = { name: 'metrics', port: 9216, targetPort: 'metrics', protocol: 'TCP' }
const EGRESS = [{ to: [{ podSelector: MEMBERS }], ports: [{ port: 27017, protocol: 'TCP' }] }, DNS]
const clients = (matchLabels: object) => ({
  from: [{ podSelector: { matchLabels } }, { podSelector: MEMBERS }, { podSelector: JOBS }],
  ports: [{ port: 27017, protocol: 'TCP' }]
})
const prometheus = (...names: string[]) => ({
  from: [inNamespaces(...names)], ports: [{ port: 9216, protocol: 'TCP' }]
})
const BACKEND = { 'app.kubernetes.io/name': 'guestbook-backend' }
const metadata = (name = NAME) => ({ name, labels: labels('mongodb') })

/** Objects of every installation. */
const ALWAYS = [
  'ConfigMap -scripts', 'Pod -test', 'Service', 'ServiceAccount', 'StatefulSet'
]
const FEWEST = { 'networkPolicy.enabled': false, 'auth.existingSecret': 'mine' }
test.each([
  ['by default', {}, [
    'Job -secret-#', 'NetworkPolicy', 'NetworkPolicy -jobs', 'NetworkPolicy -secret',
    'Role -secret', 'RoleBinding -secret', 'ServiceAccount -secret'
  ]],
  [
    'without policies, with a Secret and three members',
    { ...FEWEST, replicas: 3 },
    ['PodDisruptionBudget']
  ],
  [
    'without policies, with a restore from a volume that exists',
    {
      ...FEWEST,
      'backup.persistence.existingClaim': 'nfs',
      'restore.archive': 'latest',
      'restore.run': 'a'
    },
    ['Job -restore-#']
  ],
  [
    'with backups and metrics, without policies',
    {
      ...FEWEST,
      'metrics.enabled': true,
      'serviceMonitor.enabled': true,
      'backup.enabled': true
    },
    ['CronJob -backup', 'Job -backup-volume-#', 'PersistentVolumeClaim -backup', 'ServiceMonitor']
  ]
])('%s the chart installs exactly these objects', async (_what, values, expected) => {
  const names = (await renderMongodb(values)).map(({ kind, metadata }) =>
    `${kind} ${metadata.name.replace(NAME, '').replace(/-[0-9a-f]{8}$/, '-#')}`.trim())
  expect(names.sort()).toEqual([...ALWAYS, ...expected].sort())
})

test.each([
  [{}, [MONGODB_PORT]],
  [{ 'metrics.enabled': true }, [MONGODB_PORT, METRICS_PORT]]
])('with %j members resolve each other before they are ready, at %j', async (values, ports) => {
  expect(find(await renderMongodb(values), 'Service', NAME)).toEqual({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: metadata(),
    spec: {
      clusterIP: 'None', publishNotReadyAddresses: true, selector: selectorLabels('mongodb'), ports
    }
  })
})

test.each([3, 5, 7])('a drained node makes one of %i members unavailable', async replicas => {
  expect(find(await renderMongodb({ replicas }), 'PodDisruptionBudget', NAME)).toEqual({
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: metadata(),
    spec: { maxUnavailable: 1, selector: MEMBERS }
  })
})

test.each([
  [{}, [clients(BACKEND)]],
  [{ 'metrics.enabled': true }, [clients(BACKEND), prometheus('monitoring')]],
  [
    { 'metrics.enabled': true, 'networkPolicy.monitoringNamespaces': ['a', 'b'] },
    [clients(BACKEND), prometheus('a', 'b')]
  ],
  [{ 'metrics.enabled': true, 'networkPolicy.monitoringNamespaces': [] }, [clients(BACKEND)]]
])('with %j only clients, members, jobs and Prometheus may connect to members', async (
  values, ingress
) => {
  expect(find(await renderMongodb(values), 'NetworkPolicy', NAME)).toEqual(
    networkPolicy(metadata(), { podSelector: MEMBERS, ingress, egress: EGRESS })
  )
})

test('clientLabels select other clients than the backend', async () => {
  const clientLabels = { 'app.kubernetes.io/name': 'mine', tier: 'api' }
  const objects = await renderMongodb({ 'networkPolicy.clientLabels': clientLabels })
  expect(find(objects, 'NetworkPolicy', NAME).spec.ingress).toEqual([clients(clientLabels)])
})

test('jobs may connect to members and DNS, and nothing may connect to jobs', async () => {
  expect(find(await renderMongodb(), 'NetworkPolicy', `${NAME}-jobs`)).toEqual(
    networkPolicy(metadata(`${NAME}-jobs`), { podSelector: JOBS, egress: EGRESS })
  )
})

test('Prometheus scrapes every member, without the series per command', async () => {
  const values = {
    'metrics.enabled': true,
    'serviceMonitor.enabled': true,
    'serviceMonitor.interval': '30s',
    'serviceMonitor.labels': { release: 'prometheus' }
  }
  expect(find(await renderMongodb(values), 'ServiceMonitor', NAME)).toEqual({
    apiVersion: 'monitoring.coreos.com/v1',
    kind: 'ServiceMonitor',
    metadata: { name: NAME, labels: { ...labels('mongodb'), release: 'prometheus' } },
    spec: {
      jobLabel: 'app.kubernetes.io/name',
      selector: MEMBERS,
      endpoints: [{
        port: 'metrics',
        path: '/metrics',
        interval: '30s',
        metricRelabelings: [{
          action: 'drop',
          sourceLabels: ['__name__'],
          regex: 'mongodb_(ss_metrics_(commands|operatorCounters|aggStageCounters)|' +
            'oplog_stats_wt|sys_(netstat|mounts))_.*'
        }]
      }]
    }
  })
})

test('members have no token for the Kubernetes API', async () => {
  expect(find(await renderMongodb(), 'ServiceAccount', NAME)).toEqual(serviceAccount(metadata()))
})

test('the scripts and the number of members are in one ConfigMap', async () => {
  const files = [
    'start.sh', 'hello.sh', 'agent.sh', 'agent.js', 'test.js', 'backup.sh', 'restore.sh',
    'mongosh.conf'
  ]
  const { data } = find(await renderMongodb({ replicas: 3 }), 'ConfigMap', `${NAME}-scripts`)
  const texts = files.map(file =>
    [file, readFileSync(`${ROOT}charts/guestbook-mongodb/files/${file}`, 'utf8').trimEnd()])
  const trimmed = Object.entries<string>(data).map(([name, text]) => [name, text.trimEnd()])
  expect(Object.fromEntries(trimmed)).toEqual({ replicas: '3', ...Object.fromEntries(texts) })
  expect(data['mongosh.conf'].trimEnd()).toBe('mongosh:\n  forceDisableTelemetry: true')
})

test.each([
  ['guestbook-mongodb', {}, 'guestbook-mongodb'],
  ['my-guestbook-mongodb', {}, 'my-guestbook-mongodb'],
  ['db', {}, 'db-guestbook-mongodb'],
  ['db', { fullnameOverride: 'other' }, 'other'],
  [`guestbook-mongodb-${'r'.repeat(35)}`, {}, `guestbook-mongodb-${'r'.repeat(22)}`],
  [`guestbook-mongodb-${'r'.repeat(21)}-s`, {}, `guestbook-mongodb-${'r'.repeat(21)}`],
  ['r'.repeat(53), {}, `${'r'.repeat(22)}-guestbook-mongodb`],
  [`${'r'.repeat(21)}-s`, {}, `${'r'.repeat(21)}-guestbook-mongodb`]
])('a release named %s with %j names its objects %s', async (name, values, expected) => {
  const objects = await render('guestbook-mongodb', { name, values })
  expect(find(objects, 'StatefulSet', expected).spec).toMatchObject({
    serviceName: expected, template: { spec: { serviceAccountName: expected } }
  })
  expect(find(objects, 'Service', expected).spec.clusterIP).toBe('None')
})
