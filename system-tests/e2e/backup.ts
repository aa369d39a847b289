import { createHash } from 'node:crypto'
import { apply, check, helm, kubectl, step } from './cluster.ts'
import { changeMongodb } from './releases.ts'
import { storedMessages } from './traffic.ts'

/** Everything a reader sees of every message. */
const contentHash = () =>
  createHash('sha256').update(JSON.stringify(storedMessages())).digest('hex')

/** Makes a backup now; what its log says. */
function backUp (job: string): string {
  kubectl('create', 'job', job, '--from=cronjob/guestbook-mongodb-backup')
  kubectl('wait', `job/${job}`, '--for=condition=Complete', '--timeout=120s')
  return kubectl('logs', `job/${job}`)
}

export async function backUpWipeRestore (): Promise<void> {
  const before = await step('hashing every message', contentHash)
  const log = await step('backing up', () => {
    changeMongodb('backup.enabled=true')
    return backUp('e2e-backup')
  })
  console.log(`  ${log.split('\n').at(-1)}`)
  await step('wiping the volume of MongoDB', () => {
    kubectl('scale', 'statefulset/guestbook-mongodb', '--replicas=0')
    kubectl('wait', 'pod/guestbook-mongodb-0', '--for=delete', '--timeout=90s')
    kubectl('delete', 'pvc/data-guestbook-mongodb-0')
    kubectl('scale', 'statefulset/guestbook-mongodb', '--replicas=1')
    kubectl('rollout', 'status', 'statefulset/guestbook-mongodb', '--timeout=180s')
    // To who knew the old replica set, the new one counts fewer elections, so it is taken for a primary of yesterday.
    kubectl('rollout', 'restart', 'deployment/guestbook-backend')
    kubectl('rollout', 'status', 'deployment/guestbook-backend', '--timeout=180s')
  })
  check('no message is left', storedMessages().length === 0)
  await step('restoring', () => changeMongodb('restore.archive=latest', 'restore.run=e2e'))
  const after = await step('hashing every message', contentHash)
  console.log(`  before ${before.slice(0, 16)}, after ${after.slice(0, 16)}`)
  check('the restored messages are the same to the byte', after === before, { before, after })
  await step('posting by helm test', () => helm('test', 'guestbook-frontend'))
  const count = storedMessages().length
  await step('upgrading once more', () => changeMongodb('podAnnotations.e2e=thrice'))
  check(
    'the restore did not happen a second time',
    storedMessages().length === count,
    storedMessages().length
  )
}

/** Runs a script where the backups are, as MongoDB's user; what it prints. */
function atBackups (script: string): string {
  const members = kubectl('get', 'statefulset/guestbook-mongodb', '--output', 'json')
  const { spec } = JSON.parse(members).spec.template
  const [{ image, imagePullPolicy, securityContext }] = spec.containers
  apply({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'e2e-backups' },
    spec: {
      restartPolicy: 'Never',
      automountServiceAccountToken: false,
      securityContext: spec.securityContext,
      containers: [{
        name: 'shell',
        image,
        imagePullPolicy,
        command: ['bash', '-ec', script],
        securityContext,
        volumeMounts: [{ name: 'backup', mountPath: '/backup' }]
      }],
      volumes: [
        { name: 'backup', persistentVolumeClaim: { claimName: 'guestbook-mongodb-backup' } }
      ]
    }
  })
  kubectl('wait', 'pod/e2e-backups', '--for=jsonpath={.status.phase}=Succeeded', '--timeout=60s')
  const output = kubectl('logs', 'pod/e2e-backups')
  kubectl('delete', 'pod/e2e-backups')
  return output
}
const backups = () => atBackups('cd /backup && ls -1 guestbook-*').split('\n')
const KEPT = 2

/** Of more backups than are kept, the oldest go. */
export async function keepNewestBackups (): Promise<void> {
  const written = await step(`making three backups, of which ${KEPT} are kept`, () => {
    changeMongodb(`backup.keep=${KEPT}`)
    const logs = [1, 2, 3].map(n => backUp(`e2e-backup-${n}`))
    return logs.map(log => /wrote \/backup\/(\S+),/.exec(log)?.[1])
  })
  const left = await step('listing the backups', backups)
  const isRight = left.join() === written.slice(-KEPT).join()
  check('the newest are left, and no other', isRight, { left, written })
}

/** A restore of a backup that was cut off fails the upgrade, and leaves the messages alone. */
export async function refuseDamagedBackup (): Promise<void> {
  const before = await step('hashing every message', contentHash)
  await step('cutting off the newest backup', () => {
    atBackups(`truncate --size=-9 /backup/${backups().at(-1)}`)
  })
  const isRefused = await step('restoring it', () => {
    try {
      changeMongodb('restore.archive=latest', 'restore.run=e2e-damaged')
      return false
    } catch {
      return true
    }
  })
  check('the upgrade failed', isRefused)
  const log = kubectl('logs', '--selector', 'app.kubernetes.io/component=restore', '--tail=-1')
  const isNamed = /gzip: \/backup\/guestbook-\S+: unexpected end of file/.test(log)
  check('the log of the restore names the file', isNamed, log)
  const after = await step('hashing every message', contentHash)
  check('the messages are the same to the byte', after === before, { before, after })
}
