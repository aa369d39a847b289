import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import { CONTAINER_SECURITY, spread } from './common.ts'
import { find, ROOT, type Json } from './helm.ts'
import {
  AGENT_RESOURCES,
  field,
  IMAGE,
  labels,
  NAME,
  podLabels,
  POD_SECURITY,
  renderMongodb,
  SCRIPT_MOUNTS,
  SCRIPT_VOLUMES,
  secretKey,
  selectorLabels
} from './mongodb.ts'

const MONGOD = {
  name: 'mongodb',
  ...IMAGE,
  command: ['bash', '/opt/guestbook-mongodb/start.sh'],
  env: [{ name: 'CACHE_SIZE_GB', value: '0.25' }],
  ports: [{ name: 'mongodb', containerPort: 27017 }],
  // 600 s for recovery after a crash. A member in initial sync is alive, but not ready.
  startupProbe: {
    exec: { command: hello('alive') }, periodSeconds: 2, timeoutSeconds: 5, failureThreshold: 300
  },
  readinessProbe: { exec: { command: hello('ready') }, periodSeconds: 5, timeoutSeconds: 5 },
  livenessProbe: {
    exec: { command: hello('alive') }, periodSeconds: 20, timeoutSeconds: 10, failureThreshold: 6
  },
  securityContext: CONTAINER_SECURITY,
  resources: { requests: { cpu: '100m', memory: '256Mi' }, limits: { memory: '768Mi' } },
  volumeMounts: [
    { name: 'data', mountPath: '/data/db' },
    { name: 'keys', mountPath: '/etc/guestbook-mongodb/keys', readOnly: true },
    { name: 'run', mountPath: '/run/guestbook-mongodb' },
    ...SCRIPT_MOUNTS
  ]
}
const AGENT = {
  name: 'agent',
  ...IMAGE,
  command: ['bash', '/opt/guestbook-mongodb/agent.sh'],
  env: [
    { name: 'HOME', value: '/tmp' },
    { name: 'SERVICE', value: 'db-guestbook-mongodb' },
    { name: 'POD_NAME', ...field('metadata.name') },
    { name: 'NAMESPACE', ...field('metadata.namespace') }
  ],
  readinessProbe: { exec: { command: ['test', '-e', '/tmp/settled'] }, periodSeconds: 2 },
  securityContext: CONTAINER_SECURITY,
  resources: AGENT_RESOURCES,
  volumeMounts: [
    { name: 'secret', mountPath: '/etc/guestbook-mongodb/secret', readOnly: true }, ...SCRIPT_MOUNTS
  ]
}
const METRICS = {
  name: 'metrics',
  image: 'percona/mongodb_exporter:0.53.0',
  imagePullPolicy: 'IfNotPresent',
  args: [
    '--mongodb.direct-connect',
    '--collector.diagnosticdata',
    '--collector.replicasetstatus',
    '--collector.dbstats',
    '--web.listen-address=:9216'
  ],
  env: [
    { name: 'MONGODB_URI', value: 'mongodb://127.0.0.1:27017/admin' },
    { name: 'MONGODB_USER', value: 'metrics' },
    { name: 'MONGODB_PASSWORD', ...secretKey('mongodb-metrics-password') }
  ],
  ports: [{ name: 'metrics', containerPort: 9216 }],
  livenessProbe: {
    httpGet: { path: '/', port: 'metrics' },
    periodSeconds: 20,
    timeoutSeconds: 5
  },
  securityContext: CONTAINER_SECURITY,
  resources: { requests: { cpu: '10m', memory: '32Mi' }, limits: { memory: '128Mi' } }
}
/** Changes of the members' scripts restart them; changes of the jobs' scripts do not. */
const SCRIPTS = ['start.sh', 'hello.sh', 'agent.sh', 'agent.js'].map(
  file => readFileSync(`${ROOT}charts/guestbook-mongodb/files/${file}`)
)
const ANNOTATIONS = {
  'checksum/scripts': createHash('sha256').update(Buffer.concat(SCRIPTS)).digest('hex')
}
const PASSWORDS = ['mongodb-root-password', 'mongodb-password']
const volumes = (passwords: string[], secretName = NAME) => [
  { name: 'keys', secret: { secretName, defaultMode: 0o440, items: items(['replica-set-key']) } },
  { name: 'secret', secret: { secretName, defaultMode: 0o440, items: items(passwords) } },
  { name: 'run', emptyDir: { medium: 'Memory', sizeLimit: '1Mi' } },
  ...SCRIPT_VOLUMES
]
const POD = {
  automountServiceAccountToken: false,
  serviceAccountName: NAME,
  enableServiceLinks: false,
  terminationGracePeriodSeconds: 60,
  securityContext: POD_SECURITY,
  ...spread(selectorLabels('mongodb')),
  containers: [MONGOD, AGENT],
  volumes: volumes(PASSWORDS)
}
const CLAIM = {
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  metadata: { name: 'data', labels: selectorLabels('mongodb') },
  spec: {
    accessModes: ['ReadWriteOnce'],
    resources: { requests: { storage: '8Gi' } },
    volumeMode: 'Filesystem'
  }
}

function hello (what: string) {
  return ['bash', '/opt/guestbook-mongodb/hello.sh', what]
}

function items (keys: string[]) {
  return keys.map(key => ({ key, path: key }))
}

const members = async (values?: Json) => find(await renderMongodb(values), 'StatefulSet', NAME)
const pod = async (values: Json) => (await members(values)).spec.template.spec

test('the members are a StatefulSet of mongod and agent, each with a volume', async () => {
  expect(await members()).toEqual({
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: { name: NAME, labels: labels('mongodb') },
    spec: {
      serviceName: NAME,
      replicas: 1,
      podManagementPolicy: 'Parallel',
      selector: { matchLabels: selectorLabels('mongodb') },
      template: {
        metadata: { labels: podLabels('mongodb'), annotations: ANNOTATIONS },
        spec: POD
      },
      volumeClaimTemplates: [CLAIM]
    }
  })
})

test('with metrics each member has an exporter with a separate user', async () => {
  expect(await pod({ 'metrics.enabled': true })).toEqual({
    ...POD,
    containers: [MONGOD, AGENT, METRICS],
    volumes: volumes([...PASSWORDS, 'mongodb-metrics-password'])
  })
})

test('an existing Secret replaces the generated one everywhere', async () => {
  const values = {
    'auth.existingSecret': 'mine',
    'metrics.enabled': true,
    'backup.enabled': true,
    'restore.archive': 'latest',
    'restore.run': 'a'
  }
  const objects = await renderMongodb(values)
  const { containers, volumes: mounted } = find(objects, 'StatefulSet', NAME).spec.template.spec

  expect(mounted).toEqual(volumes([...PASSWORDS, 'mongodb-metrics-password'], 'mine'))
  expect(containers[2].env[2]).toEqual({
    name: 'MONGODB_PASSWORD', ...secretKey('mongodb-metrics-password', 'mine')
  })
  expect(JSON.stringify(objects).match(/"secretKeyRef":\{"name":"[^"]+","key":"uri"\}/g)).toEqual(
    Array.from({ length: 3 }, () => '"secretKeyRef":{"name":"mine","key":"uri"}')
  )
  expect(
    objects.filter(({ metadata }) => metadata.labels['app.kubernetes.io/component'] === 'secret')
  ).toEqual([])
})

const DIGEST = `sha256:${'a'.repeat(64)}`
const SCHEDULING = {
  priorityClassName: 'high', nodeSelector: { disk: 'fast' }, tolerations: [{ key: 'db' }]
}
/** Values, and the changes of the members' pods. */
const CHANGES: Array<[values: Json, pod: Json]> = [
  [{ startupSeconds: 121, terminationGracePeriodSeconds: 90 }, {
    terminationGracePeriodSeconds: 90,
    containers: [
      { ...MONGOD, startupProbe: { ...MONGOD.startupProbe, failureThreshold: 61 } }, AGENT
    ]
  }],
  [{ cacheSizeMiB: 384 }, {
    containers: [{ ...MONGOD, env: [{ name: 'CACHE_SIZE_GB', value: '0.375' }] }, AGENT]
  }],
  [{ runAsUser: 1234 }, {
    securityContext: { ...POD_SECURITY, runAsUser: 1234, runAsGroup: 1234, fsGroup: 1234 }
  }],
  [{ runAsUser: null }, {
    securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } }
  }],
  [{ ...SCHEDULING, 'image.pullSecrets': ['a', 'b'] }, {
    ...SCHEDULING, imagePullSecrets: [{ name: 'a' }, { name: 'b' }]
  }],
  [{ 'topologySpread.whenUnsatisfiable': 'DoNotSchedule' }, {
    topologySpreadConstraints: [{
      ...POD.topologySpreadConstraints[0], whenUnsatisfiable: 'DoNotSchedule'
    }]
  }],
  [{
    'image.digest': DIGEST,
    'image.pullPolicy': 'Always',
    'image.repository': 'registry.example/mongo'
  }, {
    containers: [MONGOD, AGENT].map(container => ({
      ...container, image: `registry.example/mongo@${DIGEST}`, imagePullPolicy: 'Always'
    }))
  }]
]

test.each(CHANGES)('%j changes nothing else of the members\' pods', async (values, changed) => {
  expect(await pod(values)).toEqual({ ...POD, ...changed })
})

test('size, class and access modes of a member\'s volume follow the values', async () => {
  const { spec } = await members({
    'persistence.size': '20Gi',
    'persistence.storageClass': 'fast',
    'persistence.accessModes': ['ReadWriteOncePod']
  })
  expect(spec.volumeClaimTemplates[0].spec).toEqual({
    accessModes: ['ReadWriteOncePod'],
    storageClassName: 'fast',
    resources: { requests: { storage: '20Gi' } },
    volumeMode: 'Filesystem'
  })
})

test('adding members restarts none: the pod template stays the same', async () => {
  const [one, three] = await Promise.all([members({ replicas: 1 }), members({ replicas: 3 })])
  expect(three.spec).toEqual({ ...one.spec, replicas: 3 })
})

test('annotations and labels are added to those of the chart', async () => {
  const { spec, metadata } = await members({
    podAnnotations: { note: 'text' }, commonLabels: { team: 'guests' }
  })
  expect(metadata.labels).toEqual({ ...labels('mongodb'), team: 'guests' })
  expect(spec.template.metadata).toEqual({
    labels: { ...podLabels('mongodb'), team: 'guests' },
    annotations: { ...ANNOTATIONS, note: 'text' }
  })
  expect(spec.selector).toEqual({ matchLabels: selectorLabels('mongodb') })
})
