import { applications, describeApplication } from './applications.ts'
import { endpoints } from './endpoints.ts'
import type { Context } from './context.ts'
import { Failure } from './failure.ts'
import { kubectlArgs, capture } from './exec.ts'

const NAMESPACES = ['ingress', 'monitoring', 'argocd', 'guestbook']

/** Where everything is, how it is, and how one gets in. */
export async function status (context: Context): Promise<void> {
  const pods = capture(
    context,
    'kubectl',
    ...kubectlArgs(
      context,
      'get',
      'pods',
      '--all-namespaces',
      '--no-headers',
      '--request-timeout=10s'
    )
  )
  if (pods === undefined) {
    throw new Failure(
      'The cluster does not answer. `make doctor` looks why, `make up` makes one.'
    )
  }
  const rows = pods
    .split('\n')
    .map(line => line.trim().split(/\s+/))
    .filter(([namespace]) => NAMESPACES.includes(namespace!))
  console.log('\nPods')
  for (const [namespace, pod, ready, state] of rows) {
    console.log(`  ${`${namespace}/${pod}`.padEnd(72)} ${ready} ${state}`)
  }
  if (context.config.delivery.mode === 'argocd') {
    console.log('\nDelivered by Argo CD')
    for (const application of applications(context) ?? []) console.log(`  ${describeApplication(application)}`)
  }
  console.log('\nAddresses')
  for (const { name, url } of endpoints(context.config)) console.log(`  ${name.padEnd(12)} ${url}`)
  if (context.config.target.type === 'kind') {
    console.log(
      `  ${'past ingress'.padEnd(12)} http://localhost:${context.config.target.ports.guestbook}`
    )
  }
  if (context.config.delivery.mode === 'argocd') {
    console.log(
      `  ${'Argo CD'.padEnd(12)} https://localhost:8083 after: kubectl port-forward -n argocd service/argo-cd-argocd-server 8083:443`
    )
  }
  console.log('\nCredentials (each command prints one)')
  for (const [what, namespace, secret, key] of credentials(context)) {
    console.log(
      `  ${what.padEnd(26)} kubectl get secret -n ${namespace} ${secret} -o jsonpath='{.data.${key}}' | base64 -d`
    )
  }
  console.log(`\nFor kubectl and helm: export KUBECONFIG=${context.kubeconfig}`)
}

type Credential = [what: string, namespace: string, secret: string, key: string]

function credentials ({ config }: Context): Credential[] {
  return [
    ...(config.monitoring.grafana
      ? [['Grafana, user admin', 'monitoring', 'grafana-admin', 'admin-password'] as Credential]
      : []),
    ...(config.delivery.mode === 'argocd'
      ? [
          [
            'Argo CD, user admin',
            'argocd',
            'argocd-initial-admin-secret',
            'password'
          ] as Credential
        ]
      : []),
    ["moderator's token", 'guestbook', 'guestbook-tokens', 'moderator-token'],
    ...(config.guestbook.faultSwitch
      ? [
          [
            'token of the fault switch',
            'guestbook',
            'guestbook-tokens',
            'faults-token'
          ] as Credential
        ]
      : [])
  ]
}
