import { nested, render, versionOf, type Json, type KubeObject } from './helm.ts'

const CHART = 'guestbook-mongodb'
/** The names of release and chart differ, so that tests detect a mix-up. */
export const NAME = 'db-guestbook-mongodb'

/** Objects of the release `db` with these values, by their paths in dots. */
export const renderMongodb = async (values: Json = {}): Promise<KubeObject[]> =>
  await render(CHART, { name: 'db', values: nested(values) })

/** Labels by which Services, policies and budgets select pods of a component. */
export const selectorLabels = (component: string) => ({
  'app.kubernetes.io/name': 'guestbook-mongodb',
  'app.kubernetes.io/instance': 'db',
  'app.kubernetes.io/component': component
})
export const podLabels = (component: string) => ({
  ...selectorLabels(component), 'app.kubernetes.io/part-of': 'guestbook'
})
export const labels = (component: string) => ({
  ...podLabels(component),
  'app.kubernetes.io/version': '8.0',
  'app.kubernetes.io/managed-by': 'Helm',
  'helm.sh/chart': `guestbook-mongodb-${versionOf(CHART)}`
})

export const IMAGE = { image: 'mongo:8.0', imagePullPolicy: 'IfNotPresent' }
export const POD_SECURITY = {
  runAsNonRoot: true,
  runAsUser: 999,
  runAsGroup: 999,
  fsGroup: 999,
  fsGroupChangePolicy: 'OnRootMismatch',
  seccompProfile: { type: 'RuntimeDefault' }
}
export const AGENT_RESOURCES = {
  requests: { cpu: '10m', memory: '32Mi' }, limits: { memory: '384Mi' }
}
export const BACKUP_RESOURCES = {
  requests: { cpu: '50m', memory: '64Mi' }, limits: { memory: '384Mi' }
}

export const SCRIPT_MOUNTS = [
  { name: 'scripts', mountPath: '/opt/guestbook-mongodb', readOnly: true },
  { name: 'scripts', mountPath: '/etc/mongosh.conf', subPath: 'mongosh.conf', readOnly: true },
  { name: 'tmp', mountPath: '/tmp' }
]
export const SCRIPT_VOLUMES = [
  { name: 'scripts', configMap: { name: `${NAME}-scripts` } },
  { name: 'tmp', emptyDir: { sizeLimit: '64Mi' } }
]

export const secretKey = (key: string, name = NAME) => ({
  valueFrom: { secretKeyRef: { name, key } }
})
export const field = (fieldPath: string) => ({ valueFrom: { fieldRef: { fieldPath } } })
/** Environment of programs that use the backend's connection string. */
export const CLIENT_ENV = [
  { name: 'HOME', value: '/tmp' }, { name: 'MONGODB_URI', ...secretKey('uri') }
]
