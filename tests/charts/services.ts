/** The objects that the services' charts should install by default. */
import { chartSettings, defaultOf } from '../../scripts/charts/settings.ts'
import { SETTINGS } from '../../scripts/settings.ts'
import { CONTAINER_SECURITY, spread } from './common.ts'
import { nested, render, versionOf, type Json, type KubeObject } from './helm.ts'

/** The differences between the charts. */
export interface Service {
  readonly chart: string
  readonly container: string
  readonly http: number
  readonly management: number
  /** Environment of the container. */
  readonly env: readonly object[]
}

const fromSecret = (name: string, key: string) => ({ valueFrom: { secretKeyRef: { name, key } } })
export const secretEnv = (variable: string, name: string, key: string) =>
  ({ name: variable, ...fromSecret(name, key) })
export const plainEnv = (variables: Record<string, string>) =>
  Object.entries(variables).map(([name, value]) => ({ name, value }))

/** Variables that follow from the settings of a service and the defaults of its chart. */
const settingsEnv = (name: string) => chartSettings(SETTINGS[name]!)
  .filter(setting => setting.default !== undefined)
  .map(setting => ({ name: setting.name, value: String(defaultOf(setting)) }))

export const BACKEND: Service = {
  chart: 'guestbook-backend',
  container: 'backend',
  http: 3001,
  management: 9301,
  env: [
    ...settingsEnv('backend'), secretEnv('MONGODB_URI', 'guestbook-mongodb', 'uri')
  ]
}
export const FRONTEND: Service = {
  chart: 'guestbook-frontend',
  container: 'frontend',
  http: 3000,
  management: 9300,
  env: settingsEnv('frontend')
}

/** Name of the objects. The names of release and chart differ to detect a mix-up. */
export const nameOf = ({ chart }: Service) => `gb-${chart}`

/** Objects of the release `gb` with these values, by their paths in dots. */
export const renderService = async ({ chart }: Service, values: Json = {}): Promise<KubeObject[]> =>
  await render(chart, { name: 'gb', values: nested(values) })

export const selectorLabels = (service: Service) => ({
  'app.kubernetes.io/name': service.chart, 'app.kubernetes.io/instance': 'gb'
})
export const podLabels = (service: Service) => ({
  ...selectorLabels(service), 'app.kubernetes.io/part-of': 'guestbook'
})
const releaseLabels = ({ chart }: Service) => ({
  'app.kubernetes.io/version': versionOf(chart),
  'app.kubernetes.io/managed-by': 'Helm',
  'helm.sh/chart': `${chart}-${versionOf(chart)}`
})
export const labels = (service: Service) => ({ ...podLabels(service), ...releaseLabels(service) })
/** Labels of the pod of `helm test`, which the Service must not select. */
export const testLabels = (service: Service) => ({
  'app.kubernetes.io/name': `${service.chart}-test`, 'app.kubernetes.io/instance': 'gb'
})
export const testPodLabels = (service: Service) => ({
  ...testLabels(service), ...releaseLabels(service)
})
export const metadata = (service: Service, suffix = '') => ({
  name: `${nameOf(service)}${suffix}`, labels: labels(service)
})

export const POD_SECURITY = {
  runAsNonRoot: true,
  runAsUser: 10001,
  runAsGroup: 10001,
  seccompProfile: { type: 'RuntimeDefault' }
}
export const RESOURCES = {
  requests: { cpu: '100m', memory: '96Mi' }, limits: { memory: '192Mi' }
}
const HEALTH = { httpGet: { path: '/health', port: 'management' } }

export const containerOf = (service: Service) => ({
  name: service.container,
  image: `${service.chart}:${versionOf(service.chart)}`,
  imagePullPolicy: 'IfNotPresent',
  ports: [
    { name: 'http', containerPort: service.http },
    { name: 'management', containerPort: service.management }
  ],
  env: service.env,
  // A minute to start; restart after 30 s without an answer; unready after 10 s.
  startupProbe: { ...HEALTH, periodSeconds: 1, timeoutSeconds: 5, failureThreshold: 60 },
  livenessProbe: { ...HEALTH, periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 3 },
  readinessProbe: {
    httpGet: { path: '/ready', port: 'management' },
    periodSeconds: 5,
    timeoutSeconds: 3,
    failureThreshold: 2
  },
  securityContext: CONTAINER_SECURITY,
  resources: RESOURCES,
  volumeMounts: [{ name: 'tmp', mountPath: '/tmp' }]
})

export const podOf = (service: Service) => ({
  serviceAccountName: nameOf(service),
  automountServiceAccountToken: false,
  enableServiceLinks: false,
  terminationGracePeriodSeconds: 30,
  securityContext: POD_SECURITY,
  containers: [containerOf(service)],
  volumes: [{ name: 'tmp', emptyDir: { sizeLimit: '16Mi' } }],
  affinity: spread(selectorLabels(service)).affinity,
  topologySpreadConstraints: spread(selectorLabels(service)).topologySpreadConstraints.map(
    constraint => ({ ...constraint, matchLabelKeys: ['pod-template-hash'] })
  )
})

export const deploymentOf = (service: Service) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: metadata(service),
  spec: {
    replicas: 1,
    selector: { matchLabels: selectorLabels(service) },
    strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } },
    template: { metadata: { labels: podLabels(service) }, spec: podOf(service) }
  }
})
