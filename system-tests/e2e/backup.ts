import { createHash } from 'node:crypto'
import { check, helm, kubectl, step } from './cluster.ts'
import { changeMongodb } from './releases.ts'
import { storedMessages } from './traffic.ts'

const MONGODB = 'statefulset/guestbook-mongodb'
const BACKEND = 'deployment/guestbook-backend'
const KEPT = 2

/** The hash of all that a reader sees. */
const hashMessages = async () =>
  await step('hashing every message', async () =>
    createHash('sha256').update(JSON.stringify(await storedMessages())).digest('hex')
  )

/** Makes a backup, and returns its log. */
async function backUp (job: string): Promise<string> {
  await kubectl.run('create', 'job', job, '--from=cronjob/guestbook-mongodb-backup')
  await kubectl.wait(`job/${job}`, 'condition=Complete', '120s')
  return await kubectl.run('logs', `job/${job}`)
}

export async function backUpWipeRestore (): Promise<void> {
  const before = await hashMessages()
  const log = await step('backing up', async () => {
    await changeMongodb('backup.enabled=true')
    return await backUp('e2e-backup')
  })
  console.log(`  ${log.split('\n').at(-1)}`)
  await step('wiping the volume of MongoDB', async () => {
    await kubectl.scale(MONGODB, 0)
    await kubectl.wait('pod/guestbook-mongodb-0', 'delete', '90s')
    await kubectl.run('delete', 'pvc/data-guestbook-mongodb-0')
    await kubectl.scale(MONGODB, 1)
    await kubectl.rolledOut(MONGODB)
    // The new replica set has fewer elections, so that clients of the old one consider it outdated.
    await kubectl.run('rollout', 'restart', BACKEND)
    await kubectl.rolledOut(BACKEND)
  })
  check('no message is left', (await storedMessages()).length === 0)
  await step('restoring', async () =>
    await changeMongodb('restore.archive=latest', 'restore.run=e2e')
  )
  const after = await hashMessages()
  check('the restored messages are the same to the byte', after === before, { before, after })
  await step('posting with helm test', async () => await helm('test', 'guestbook-frontend'))
  const count = (await storedMessages()).length
  await step('upgrading again', async () => await changeMongodb('podAnnotations.e2e=thrice'))
  const countAfter = (await storedMessages()).length
  check('the restore did not run a second time', countAfter === count, countAfter)
}

/** Runs a script in the folder of the backups, as MongoDB's user, and returns what it prints. */
async function atBackups (script: string): Promise<string> {
  const { spec: { template: { spec } } } = await kubectl.getJson<any>(MONGODB)
  const [{ image, imagePullPolicy, securityContext }] = spec.containers
  await kubectl.send('apply', {
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
  await kubectl.wait('pod/e2e-backups', 'jsonpath={.status.phase}=Succeeded')
  const output = await kubectl.run('logs', 'pod/e2e-backups')
  await kubectl.run('delete', 'pod/e2e-backups')
  return output
}
const backups = async () => (await atBackups('cd /backup && ls -1 guestbook-*')).split('\n')

/** The oldest of too many backups are deleted. */
export async function keepNewestBackups (): Promise<void> {
  const written = await step(`making three backups, of which ${KEPT} are kept`, async () => {
    await changeMongodb(`backup.keep=${KEPT}`)
    const names: Array<string | undefined> = []
    for (const n of [1, 2, 3]) {
      names.push(/wrote \/backup\/(\S+),/.exec(await backUp(`e2e-backup-${n}`))?.[1])
    }
    return names
  })
  const left = await step('listing the backups', backups)
  const isRight = left.join() === written.slice(-KEPT).join()
  check('only the newest are left', isRight, { left, written })
}

/** Restoring a truncated backup fails the upgrade, and does not change messages. */
export async function rejectDamagedBackup (): Promise<void> {
  const before = await hashMessages()
  await step('truncating the newest backup', async () => {
    await atBackups(`truncate --size=-9 /backup/${(await backups()).at(-1)}`)
  })
  const isRejected = await step('restoring it', async () =>
    await changeMongodb('restore.archive=latest', 'restore.run=e2e-damaged').then(
      () => false,
      () => true
    )
  )
  check('the upgrade failed', isRejected)
  const restore = ['--selector', 'app.kubernetes.io/component=restore', '--tail=-1']
  const log = await kubectl.run('logs', ...restore)
  const isNamed = /gzip: \/backup\/guestbook-\S+: unexpected end of file/.test(log)
  check('the log of the restore names the file', isNamed, log)
  const after = await hashMessages()
  check('the messages are the same to the byte', after === before, { before, after })
}
