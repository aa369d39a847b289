/** The switch to Argo CD and back, and what Argo CD does between. */
import { applications, describeApplication, isDelivered } from '../../../infra/cli/applications.ts'
import { check, until } from '../cluster.ts'
import { REGISTRY, TAGS, type Deployment } from './deployment.ts'
import type { Repository } from './repository.ts'
import { checkSigned, visited } from './visitors.ts'

interface List {
  readonly items: ReadonlyArray<{
    kind: string
    type?: string
    metadata: { name: string; uid: string }
    status?: { containerStatuses?: ReadonlyArray<{ restartCount: number }> }
  }>
}

/** What must be the same afterwards: pods with their restarts, volumes and Secrets. */
function identities (deployment: Deployment, ...kinds: string[]): string {
  const { items } = JSON.parse(
    deployment.kubectl('get', kinds.join(','), '--namespace', 'guestbook', '--output', 'json')
  ) as List
  return items
    .filter(({ type }) => type !== 'helm.sh/release.v1')
    .map(({ kind, metadata, status }) =>
      [
        kind,
        metadata.name,
        metadata.uid,
        ...(status?.containerStatuses?.map(({ restartCount }) => restartCount) ?? [])
      ].join(' ')
    )
    .join('\n')
}

const records = (deployment: Deployment) =>
  deployment.kubectl(
    'get',
    'secrets',
    '--namespace',
    'guestbook',
    '--selector',
    'owner=helm',
    '--output',
    'name'
  )
const releases = (deployment: Deployment) =>
  deployment.resources('guestbook').filter(address => address.startsWith('helm_release.'))

function checkDelivered (deployment: Deployment): void {
  const found = applications(deployment.context) ?? []
  check(
    'three Applications are synced and healthy',
    found.length === 3 && found.every(isDelivered),
    found.map(describeApplication)
  )
}

export async function handOver (
  before: Deployment,
  after: Deployment,
  repository: Repository
): Promise<void> {
  await repository.publish({ backend: TAGS.first, frontend: TAGS.first })
  const running = identities(before, 'pods', 'persistentvolumeclaims', 'secrets')
  check('Terraform holds three releases', releases(before).length === 3, releases(before))
  await visited(before, () => after.make('up'))
  const now = identities(after, 'pods', 'persistentvolumeclaims', 'secrets')
  check('pods, volumes and Secrets are the same, and nothing restarted', now === running, {
    running,
    now
  })
  check(
    'Terraform holds no release of them, and Helm no record',
    releases(after).length === 0 && records(after) === '',
    [releases(after), records(after)]
  )
  checkDelivered(after)
}

export async function rollOut (deployment: Deployment, repository: Repository): Promise<void> {
  const image = () =>
    deployment.kubectl(
      'get',
      'deployment/guestbook-backend',
      '--namespace',
      'guestbook',
      '--output',
      'jsonpath={.spec.template.spec.containers[0].image}'
    )
  await visited(deployment, async () => {
    const commit = await repository.publish({ backend: TAGS.next, frontend: TAGS.first })
    // As a webhook does; without one, Argo CD looks every few minutes.
    deployment.kubectl(
      'annotate',
      'applications',
      '--all',
      '--namespace',
      'argocd',
      'argocd.argoproj.io/refresh=normal'
    )
    await until(() =>
      (applications(deployment.context) ?? []).every(
        application => isDelivered(application) && application.status?.sync?.revision === commit
      )
    )
  })
  check(
    'the backend is the one that Git names',
    image() === `${REGISTRY}/guestbook-backend:${TAGS.next}`,
    image()
  )
  deployment.kubectl('delete', 'service/guestbook-backend-management', '--namespace', 'guestbook')
  deployment.kubectl(
    'wait',
    'service/guestbook-backend-management',
    '--namespace',
    'guestbook',
    '--for=create',
    '--timeout=60s'
  )
  await until(() => (applications(deployment.context) ?? []).every(isDelivered))
  check('what somebody deletes by hand comes back', true)
  checkDelivered(deployment)
}

export async function takeBack (deployment: Deployment): Promise<void> {
  const kept = identities(deployment, 'persistentvolumeclaims', 'secrets')
  await visited(deployment, () => deployment.make('up'))
  await checkSigned(deployment)
  check(
    'volumes and Secrets are the same',
    identities(deployment, 'persistentvolumeclaims', 'secrets') === kept,
    kept
  )
  check(
    'Terraform holds three releases again',
    releases(deployment).length === 3,
    releases(deployment)
  )
  const remains = deployment
    .kubectl('get', 'namespaces,customresourcedefinitions', '--output', 'name')
    .split('\n')
    .filter(name => name.includes('argo'))
  check('nothing of Argo CD is left', remains.length === 0, remains)
}
