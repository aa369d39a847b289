/** `make helm-test`: runs `helm test` for every deployed release. */
import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { context } from '../infra/cli/context.ts'

const NAMESPACE = 'guestbook'
const { kubeconfig, kubeContext } = context(
  fileURLToPath(new URL('../infra/', import.meta.url)),
  process.env
)
const cluster =
  ['--kubeconfig', kubeconfig, '--kube-context', kubeContext, '--namespace', NAMESPACE]

try {
  const releases = execFileSync('helm', ['list', '--short', ...cluster], { encoding: 'utf8' })
    .split('\n')
    .filter(name => name !== '')
  if (releases.length === 0) {
    console.log(
      `Helm has no release in the namespace ${NAMESPACE}. ` +
      'With Argo CD, `make smoke` runs the same checks.'
    )
  }
  for (const release of releases) {
    execFileSync('helm', ['test', release, '--timeout', '3m', ...cluster], { stdio: 'inherit' })
  }
} catch (error) {
  console.error(`make helm-test: ${(error as Error).message}`)
  process.exitCode = 1
}
