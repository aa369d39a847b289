/** `make e2e`: install the three charts on the cluster of the current context, use them, change them and break them. */
import { backUpWipeRestore, keepNewestBackups, refuseDamagedBackup } from './backup.ts'
import { refuseMistakes } from './bad-input.ts'
import { kubectlGlobal, NAMESPACE, step } from './cluster.ts'
import { tryEdges } from './edges.ts'
import { killPrimary, deletePods, loseDatabase } from './failures.ts'
import { visitAndSign } from './journey.ts'
import { refuseWithoutPassword } from './passwords.ts'
import { buildImages, installAll } from './releases.ts'
import { changeUnderTraffic } from './upgrades.ts'
import { Usage } from './usage.ts'

if (process.argv.includes('--help')) {
  console.log(`Installs the charts in the namespace ${NAMESPACE} of the current kubeconfig context, and removes it in the end.
  KIND_CLUSTER   Kind cluster that the images are loaded into (default: guestbook)
  NAMESPACE      another namespace; it is removed first if it exists
  PAGE_URL       page to visit, through the ingress for instance (default: a port-forward)`)
  process.exit()
}

const usage = new Usage()
await step('building and loading the images', buildImages)
await step(
  `making the namespace ${NAMESPACE}, which enforces the restricted Pod Security Standard`,
  () => {
    kubectlGlobal('delete', 'namespace', NAMESPACE, '--ignore-not-found')
    kubectlGlobal('create', 'namespace', NAMESPACE)
    kubectlGlobal(
      'label',
      'namespace',
      NAMESPACE,
      'pod-security.kubernetes.io/enforce=restricted'
    )
  }
)
await installAll()
await refuseWithoutPassword()
await visitAndSign()
await usage.measure('at rest')
await changeUnderTraffic(usage)
await deletePods()
await loseDatabase()
await backUpWipeRestore()
await keepNewestBackups()
await refuseDamagedBackup()
await killPrimary()
await tryEdges()
await refuseMistakes()
usage.print()
await step('removing the namespace', () => kubectlGlobal('delete', 'namespace', NAMESPACE))
