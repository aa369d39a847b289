import type { Config } from '../src/config/schema.ts'
import { NAMESPACES, type NamespaceName } from '../src/names.ts'
import { applications, describeApplication } from './applications.ts'
import type { Context } from './context.ts'
import { endpoints } from './endpoints.ts'
import { kubectl } from './exec.ts'
import { Failure } from './failure.ts'

/** Prints pods, URLs and the commands that show credentials. */
export async function status (context: Context): Promise<void> {
  const { config } = context
  const pods = kubectl(
    context, 'get', 'pods', '--all-namespaces', '--no-headers', '--request-timeout=10s'
  )
  if (pods === undefined) {
    throw new Failure(
      'The cluster does not answer. `make doctor` finds causes, `make up` creates a cluster.'
    )
  }
  console.log('\nPods')
  for (const row of pods.split('\n')) {
    const [namespace = '', pod, ready, state] = row.trim().split(/\s+/)
    if (!Object.hasOwn(NAMESPACES, namespace)) continue
    console.log(`  ${`${namespace}/${pod}`.padEnd(72)} ${ready} ${state}`)
  }
  const argoCd = config.delivery.mode === 'argocd'
  if (argoCd) {
    console.log('\nApplications of Argo CD')
    for (const one of applications(context) ?? []) console.log(`  ${describeApplication(one)}`)
  }
  console.log('\nURLs')
  const print = (name: string, url: string) => console.log(`  ${name.padEnd(12)} ${url}`)
  for (const { name, url } of endpoints(config)) print(name, url)
  if (config.target.type === 'kind') {
    print('past ingress', `http://localhost:${config.target.ports.guestbook}`)
  }
  if (argoCd) {
    print('Argo CD', 'https://localhost:8083 after: ' +
      'kubectl port-forward -n argocd service/argo-cd-argocd-server 8083:443')
  }
  console.log('\nCredentials (each command prints one)')
  for (const [what, namespace, secret, key] of credentials(config)) {
    console.log(`  ${what.padEnd(26)} kubectl get secret -n ${namespace} ${secret} ` +
      `-o jsonpath='{.data.${key}}' | base64 -d`)
  }
  console.log(`\nFor kubectl and helm: export KUBECONFIG=${context.kubeconfig}`)
}

type Credential = [what: string, namespace: NamespaceName, secret: string, key: string]

function credentials ({ monitoring, delivery, guestbook }: Config): Credential[] {
  const all: Array<[boolean, ...Credential]> = [
    [monitoring.grafana, 'Grafana, user admin', 'monitoring', 'grafana-admin', 'admin-password'],
    [delivery.mode === 'argocd', 'Argo CD, user admin', 'argocd', 'argocd-initial-admin-secret',
      'password'],
    [true, 'token of moderators', 'guestbook', 'guestbook-tokens', 'moderator-token'],
    [guestbook.faultSwitch, 'token for faults', 'guestbook', 'guestbook-tokens', 'faults-token']
  ]
  return all.filter(([exists]) => exists).map(([, ...credential]) => credential)
}
