/** `make e2e`: installs the charts on the current cluster, then changes and breaks them. */
import { backUpWipeRestore, keepNewestBackups, rejectDamagedBackup } from './backup.ts'
import { rejectBadInput } from './bad-input.ts'
import { cluster, NAMESPACE, step } from './cluster.ts'
import { checkNetworkPolicies } from './edges.ts'
import { deletePods, killPrimary, loseDatabase } from './failures.ts'
import { visitAndPost } from './journey.ts'
import { rejectWithoutPassword } from './passwords.ts'
import { buildImages, installAll } from './releases.ts'
import { changeUnderTraffic } from './upgrades.ts'
import { Usage } from './usage.ts'

if (process.argv.includes('--help')) {
  console.log(`Usage: make e2e
Installs the charts on the cluster of the current context in the namespace ${NAMESPACE},
which it deletes at the end.
  KIND_CLUSTER   Kind cluster that the images are loaded into (default: guestbook)
  NAMESPACE      another namespace; it is deleted first if it exists
  PAGE_URL       page to visit, for example through the ingress (default: a port-forward)`)
  process.exit()
}

const usage = new Usage()
await step('building and loading the images', buildImages)
await step(`creating the namespace ${NAMESPACE}, with restricted pods`, async () => {
  await cluster.run('delete', 'namespace', NAMESPACE, '--ignore-not-found')
  await cluster.run('create', 'namespace', NAMESPACE)
  const label = 'pod-security.kubernetes.io/enforce=restricted'
  await cluster.run('label', 'namespace', NAMESPACE, label)
})
await installAll()
await rejectWithoutPassword()
await visitAndPost()
await usage.measure('at rest')
await changeUnderTraffic(usage)
await deletePods()
await loseDatabase()
await backUpWipeRestore()
await keepNewestBackups()
await rejectDamagedBackup()
await killPrimary()
await checkNetworkPolicies()
await rejectBadInput()
usage.print()
await step('deleting the namespace', async () =>
  await cluster.run('delete', 'namespace', NAMESPACE)
)
