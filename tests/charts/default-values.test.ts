import { readFileSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import { parse } from 'yaml'
import { chartSettings, defaultOf } from '../../scripts/charts/settings.ts'
import { SETTINGS } from '../../scripts/settings.ts'
import { ROOT } from './helm.ts'

/** The default values. A change here belongs in the changelog. */
const SERVICE = {
  replicas: 1,
  fullnameOverride: '',
  commonLabels: {},
  podAnnotations: {},
  trustProxy: 'uniquelocal,100.64.0.0/10',
  terminationGracePeriodSeconds: 30,
  otlpEndpoint: '',
  extraEnv: {},
  autoscaling: {
    enabled: false, minReplicas: 2, maxReplicas: 5, targetCPUUtilizationPercentage: 70
  },
  podDisruptionBudget: { maxUnavailable: 1 },
  topologySpread: { whenUnsatisfiable: 'ScheduleAnyway' },
  networkPolicy: {
    enabled: true,
    ingressNamespaces: ['ingress'],
    ingressCIDRs: [],
    monitoringNamespaces: ['monitoring'],
    extraEgress: []
  },
  serviceMonitor: { enabled: false, interval: '10s', labels: {} },
  resources: { requests: { cpu: '100m', memory: '96Mi' }, limits: { memory: '192Mi' } },
  runAsUser: 10001,
  nodeSelector: {},
  tolerations: [],
  affinity: {}
}
const image = (repository: string, tag: string) => ({
  repository, tag, digest: '', pullPolicy: 'IfNotPresent', pullSecrets: []
})
const volume = (size: string) => ({ size, storageClass: '', accessModes: ['ReadWriteOnce'] })

/** Values that follow from the settings of a service. */
const settingsOf = (service: string) => Object.fromEntries(
  chartSettings(SETTINGS[service]!).map(setting => [setting.chart.value, defaultOf(setting)])
)

const BACKEND = {
  ...settingsOf('backend'),
  ...SERVICE,
  image: image('guestbook-backend', ''),
  mongodb: {
    enabled: true,
    existingSecret: { name: 'guestbook-mongodb', key: 'uri' },
    externalCIDRs: [],
    port: 27017
  },
  persistence: { size: '1Gi', storageClass: '', keep: true },
  moderatorToken: { existingSecret: { name: '', key: 'moderator-token' } },
  service: { port: 3001 },
  ingress: {
    enabled: false, className: 'nginx', hosts: ['api.localhost'], tlsSecrets: {}, annotations: {}
  }
}
const FRONTEND = {
  ...settingsOf('frontend'),
  ...SERVICE,
  image: image('guestbook-frontend', ''),
  backendUrl: 'http://guestbook-backend:3001',
  service: { type: 'ClusterIP', port: 3000, nodePort: 30002 },
  ingress: {
    enabled: true,
    className: 'nginx',
    hosts: ['localhost', 'frontend.localhost'],
    tlsSecrets: {},
    annotations: {}
  }
}
const MONGODB = {
  fullnameOverride: '',
  commonLabels: {},
  replicas: 1,
  image: image('mongo', '8.0'),
  auth: { existingSecret: '' },
  persistence: volume('8Gi'),
  cacheSizeMiB: 256,
  resources: { requests: { cpu: '100m', memory: '256Mi' }, limits: { memory: '768Mi' } },
  agentResources: { requests: { cpu: '10m', memory: '32Mi' }, limits: { memory: '384Mi' } },
  startupSeconds: 600,
  terminationGracePeriodSeconds: 60,
  podAnnotations: {},
  priorityClassName: '',
  runAsUser: 999,
  nodeSelector: {},
  tolerations: [],
  affinity: {},
  topologySpread: { whenUnsatisfiable: 'ScheduleAnyway' },
  networkPolicy: {
    enabled: true,
    clientLabels: { 'app.kubernetes.io/name': 'guestbook-backend' },
    monitoringNamespaces: ['monitoring']
  },
  metrics: {
    enabled: false,
    image: { repository: 'percona/mongodb_exporter', tag: '0.53.0', digest: '' },
    resources: { requests: { cpu: '10m', memory: '32Mi' }, limits: { memory: '128Mi' } }
  },
  serviceMonitor: { enabled: false, interval: '10s', labels: {} },
  backup: {
    enabled: false,
    schedule: '17 2 * * *',
    timeZone: 'Etc/UTC',
    keep: 14,
    persistence: { existingClaim: '', ...volume('8Gi') },
    resources: { requests: { cpu: '50m', memory: '64Mi' }, limits: { memory: '384Mi' } }
  },
  restore: { archive: '', run: '', deadlineSeconds: 3600 }
}

test.each([
  ['guestbook-backend', BACKEND], ['guestbook-frontend', FRONTEND], ['guestbook-mongodb', MONGODB]
])('%s has these default values', (chart, expected) => {
  const values = parse(readFileSync(`${ROOT}charts/${chart}/values.yaml`, 'utf8')) as unknown
  expect(values).toEqual(expected)
})

const METADATA = {
  apiVersion: 'v2',
  type: 'application',
  version: expect.stringMatching(/^\d+\.\d+\.\d+$/),
  kubeVersion: '>=1.25.0-0'
}

const SERVICE_METADATA = {
  appVersion: expect.stringMatching(/^\d+\.\d+\.\d+$/),
  dependencies: [
    { name: 'guestbook-service', version: '*', repository: 'file://../guestbook-service' }
  ]
}

test.each([
  ['guestbook-backend', {
    ...SERVICE_METADATA,
    description: 'REST API of the guestbook, which keeps the messages'
  }],
  ['guestbook-frontend', {
    ...SERVICE_METADATA,
    description: 'Pages of the guestbook, the part that visitors see'
  }],
  ['guestbook-mongodb', {
    description:
      'MongoDB for the guestbook, as a replica set of one or more that initiates itself',
    appVersion: '8.0',
    keywords: ['guestbook', 'mongodb', 'replica set']
  }]
])('%s has this metadata', (chart, expected) => {
  const metadata = parse(readFileSync(`${ROOT}charts/${chart}/Chart.yaml`, 'utf8')) as unknown
  expect(metadata).toEqual({ ...METADATA, name: chart, ...expected })
})
