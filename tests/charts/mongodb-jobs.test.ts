import { readFileSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import { CONTAINER_SECURITY, networkPolicy, serviceAccount, TEST_HOOK } from './common.ts'
import { find, ROOT, type Json } from './helm.ts'
import {
  AGENT_RESOURCES, BACKUP_RESOURCES, CLIENT_ENV, field, IMAGE, labels, NAME, podLabels,
  POD_SECURITY, renderMongodb, SCRIPT_MOUNTS, SCRIPT_VOLUMES, selectorLabels
} from './mongodb.ts'

const CREATE_SECRET = readFileSync(`${ROOT}charts/guestbook-mongodb/files/create-secret.js`, 'utf8')
const ALL_JOBS = { 'backup.enabled': true, 'restore.archive': 'latest', 'restore.run': 'first' }
const JOB_POD = {
  automountServiceAccountToken: false,
  serviceAccountName: NAME,
  enableServiceLinks: false,
  restartPolicy: 'Never',
  securityContext: POD_SECURITY
}
const BACKUP_MOUNT = { name: 'backup', mountPath: '/backup' }
const BACKUP_VOLUME = { name: 'backup', persistentVolumeClaim: { claimName: `${NAME}-backup` } }
const BACKUP_ACCESS = {
  resources: BACKUP_RESOURCES, volumeMounts: [BACKUP_MOUNT, ...SCRIPT_MOUNTS]
}
const container = (name: string, command: string[], more: object) =>
  ({ name, ...IMAGE, command, securityContext: CONTAINER_SECURITY, ...more })
const script = (name: string) => ['bash', `/opt/guestbook-mongodb/${name}`]
const MONGOSH = ['mongosh', '--nodb', '--norc', '--quiet']
const podTemplate = (component: string, pod: object) =>
  ({ metadata: { labels: podLabels(component) }, spec: { ...JOB_POD, ...pod } })
const job = (component: string, annotations: object | undefined, spec: object) => ({
  apiVersion: 'batch/v1',
  kind: 'Job',
  metadata: {
    name: expect.any(String), labels: labels(component), ...annotations && { annotations }
  },
  spec
})
/** Deleted before the next hook and after success. */
const HOOK = {
  'helm.sh/hook': 'pre-install,pre-upgrade',
  'helm.sh/hook-weight': '-10',
  'helm.sh/hook-delete-policy': 'before-hook-creation,hook-succeeded'
}
const SECRET = { name: `${NAME}-secret`, labels: labels('secret'), annotations: HOOK }
const get = async (kind: string, name: string, values: Json = ALL_JOBS) => find(
  await renderMongodb(values), kind, `${NAME}-${name}`
)

test('the hook for the Secret may create Secrets, and read and change this one', async () => {
  const objects = await renderMongodb()
  const hooks = objects.filter(({ metadata }) => metadata.name === `${NAME}-secret`)
  const secrets = { apiGroups: [''], resources: ['secrets'] }
  expect(hooks.sort((a, b) => a.kind.localeCompare(b.kind))).toEqual([
    networkPolicy(SECRET, {
      podSelector: { matchLabels: selectorLabels('secret') }, egress: [{}]
    }),
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'Role',
      metadata: SECRET,
      rules: [
        { ...secrets, verbs: ['create'] },
        { ...secrets, resourceNames: [NAME], verbs: ['get', 'patch'] }
      ]
    },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'RoleBinding',
      metadata: SECRET,
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: `${NAME}-secret` },
      subjects: [{ kind: 'ServiceAccount', name: `${NAME}-secret`, namespace: 'guestbook' }]
    },
    serviceAccount(SECRET)
  ])
})

test("the hook's Job follows its role, and is the only pod with a token", async () => {
  expect(await get('Job', 'secret-', { replicas: 3 })).toEqual(
    job('secret', { ...HOOK, 'helm.sh/hook-weight': '-5' }, {
      backoffLimit: 4,
      activeDeadlineSeconds: 240,
      ttlSecondsAfterFinished: 600,
      template: podTemplate('secret', {
        automountServiceAccountToken: true,
        serviceAccountName: `${NAME}-secret`,
        containers: [container('secret', [...MONGOSH, '--eval'], {
          args: [CREATE_SECRET],
          env: [
            { name: 'HOME', value: '/tmp' },
            { name: 'NAME', value: NAME },
            { name: 'REPLICAS', value: '3' },
            { name: 'LABELS', value: expect.any(String) },
            { name: 'NAMESPACE', ...field('metadata.namespace') }
          ],
          resources: AGENT_RESOURCES,
          volumeMounts: [{ name: 'tmp', mountPath: '/tmp' }]
        })],
        volumes: [{ name: 'tmp', emptyDir: { sizeLimit: '64Mi' } }]
      })
    })
  )
})

test('the Secret gets the labels of the members', async () => {
  const { spec } = await get('Job', 'secret-', { commonLabels: { team: 'guests' } })
  expect(JSON.parse(spec.template.spec.containers[0].env[3].value)).toEqual({
    ...podLabels('mongodb'), team: 'guests'
  })
})

const backupContainer = (keep: string) => container('backup', script('backup.sh'), {
  env: [...CLIENT_ENV, { name: 'KEEP', value: keep }], ...BACKUP_ACCESS
})

test('a CronJob backs up every night, one at a time, at most an hour late', async () => {
  expect(await get('CronJob', 'backup')).toEqual({
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    metadata: { name: `${NAME}-backup`, labels: labels('backup') },
    spec: {
      schedule: '17 2 * * *',
      timeZone: 'Etc/UTC',
      concurrencyPolicy: 'Forbid',
      startingDeadlineSeconds: 3600,
      jobTemplate: {
        spec: {
          backoffLimit: 2,
          activeDeadlineSeconds: 3600,
          template: podTemplate('backup', {
            containers: [backupContainer('14')], volumes: [BACKUP_VOLUME, ...SCRIPT_VOLUMES]
          })
        }
      }
    }
  })
})

test('schedule, time zone and number of backups follow the values', async () => {
  const { spec } = await get('CronJob', 'backup', {
    'backup.enabled': true,
    'backup.schedule': '@hourly',
    'backup.timeZone': 'Europe/Berlin',
    'backup.keep': 3
  })
  expect(spec).toMatchObject({
    schedule: '@hourly',
    timeZone: 'Europe/Berlin',
    jobTemplate: { spec: { template: { spec: { containers: [backupContainer('3')] } } } }
  })
})

test('backups have a volume that remains, and a Job mounts it at once', async () => {
  expect(await get('PersistentVolumeClaim', 'backup')).toEqual({
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: {
      name: `${NAME}-backup`,
      labels: labels('backup'),
      annotations: {
        'helm.sh/resource-policy': 'keep',
        'argocd.argoproj.io/sync-options': 'Prune=false,Delete=false'
      }
    },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '8Gi' } } }
  })
  const command = ['bash', '-c', 'touch /backup/.writable && df -h /backup']
  const access = { resources: BACKUP_RESOURCES, volumeMounts: [BACKUP_MOUNT] }
  expect(await get('Job', 'backup-volume-')).toEqual(
    job('backup', undefined, {
      backoffLimit: 4,
      template: podTemplate('backup', {
        containers: [container('volume', command, access)], volumes: [BACKUP_VOLUME]
      })
    })
  )
})

test('size, class and access modes of the backup volume follow the values', async () => {
  const values = {
    'backup.enabled': true,
    'backup.persistence.size': '20Gi',
    'backup.persistence.storageClass': 'slow',
    'backup.persistence.accessModes': ['ReadWriteMany']
  }
  expect((await get('PersistentVolumeClaim', 'backup', values)).spec).toEqual({
    accessModes: ['ReadWriteMany'],
    storageClassName: 'slow',
    resources: { requests: { storage: '20Gi' } }
  })
})

test('an existing claim replaces the backup volume in every job', async () => {
  const objects = await renderMongodb({ ...ALL_JOBS, 'backup.persistence.existingClaim': 'nfs' })
  expect(objects.filter(({ kind }) => kind === 'PersistentVolumeClaim')).toEqual([])
  expect(JSON.stringify(objects).match(/"claimName":"[^"]+"/g)).toEqual(
    Array.from({ length: 3 }, () => '"claimName":"nfs"')
  )
})

test('a restore runs once after an installation or upgrade, and its log stays', async () => {
  const hook = {
    'helm.sh/hook': 'post-install,post-upgrade',
    'helm.sh/hook-delete-policy': 'before-hook-creation'
  }
  const env = [
    ...CLIENT_ENV, { name: 'ARCHIVE', value: 'latest' }, { name: 'RUN', value: 'first' }
  ]
  expect(await get('Job', 'restore-')).toEqual(
    job('restore', hook, {
      backoffLimit: 0,
      activeDeadlineSeconds: 3600,
      template: podTemplate('restore', {
        containers: [container('restore', script('restore.sh'), { env, ...BACKUP_ACCESS })],
        volumes: [BACKUP_VOLUME, ...SCRIPT_VOLUMES]
      })
    })
  )
})

test('helm test uses the backend\'s connection string, and its log stays', async () => {
  expect(await get('Pod', 'test')).toEqual({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: `${NAME}-test`, labels: labels('test'), annotations: TEST_HOOK },
    spec: {
      ...JOB_POD,
      containers: [
        container('test', [...MONGOSH, '--file', '/opt/guestbook-mongodb/test.js'], {
          env: CLIENT_ENV, resources: AGENT_RESOURCES, volumeMounts: SCRIPT_MOUNTS
        })
      ],
      volumes: SCRIPT_VOLUMES
    }
  })
})
