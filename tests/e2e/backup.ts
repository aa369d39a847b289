import { createHash } from 'node:crypto'
import { check, helm, kubectl, step } from './cluster.ts'
import { changeMongodb } from './releases.ts'
import { storedMessages } from './traffic.ts'

/** Everything a reader sees of every message. */
const contentHash = () => createHash('sha256').update(JSON.stringify(storedMessages())).digest('hex')

export async function backUpWipeRestore (): Promise<void> {
  const before = await step('hashing every message', contentHash)
  await step('backing up', () => {
    changeMongodb('backup.enabled=true')
    kubectl('create', 'job', 'e2e-backup', '--from=cronjob/guestbook-mongodb-backup')
    kubectl('wait', 'job/e2e-backup', '--for=condition=Complete', '--timeout=120s')
  })
  console.log(`  ${kubectl('logs', 'job/e2e-backup').split('\n').at(-1)}`)
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
  check('the restore did not happen a second time', storedMessages().length === count, storedMessages().length)
}
