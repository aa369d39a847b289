/** The switch from Helm to Argo CD and back, and a deployment by Argo CD. */
import { applications, describeApplication, isDelivered } from '../../../infra/cli/applications.ts'
import { until } from '../../lib/until.ts'
import { check } from '../cluster.ts'
import { REGISTRY, TAGS, type Deployment } from './deployment.ts'
import type { Repository } from './repository.ts'
import { checkPosted, whileVisiting } from './visitors.ts'

const DELIVERY_TIMEOUT_MS = 120_000
const MANAGEMENT = 'service/guestbook-backend-management'

interface List {
  readonly items: ReadonlyArray<{
    kind: string
    type?: string
    metadata: { name: string; uid: string }
    status?: { containerStatuses?: ReadonlyArray<{ restartCount: number }> }
  }>
}

/** Names, uids and restarts of objects, which a switch must not change. */
async function identities ({ guestbook }: Deployment, kinds: string): Promise<string> {
  const { items } = await guestbook.getJson<List>(kinds)
  return items
    .filter(({ type }) => type !== 'helm.sh/release.v1')
    .map(({ kind, metadata: { name, uid }, status }) => {
      const restarts = status?.containerStatuses?.map(({ restartCount }) => restartCount) ?? []
      return [kind, name, uid, ...restarts].join(' ')
    })
    .join('\n')
}

const releases = (deployment: Deployment) =>
  deployment.resources('guestbook').filter(address => address.startsWith('helm_release.'))

function checkDelivered (deployment: Deployment): void {
  const found = applications(deployment.context) ?? []
  const isHealthy = found.length === 3 && found.every(isDelivered)
  check('three Applications are synced and healthy', isHealthy, found.map(describeApplication))
}

export async function switchToArgoCd (
  before: Deployment,
  after: Deployment,
  repository: Repository
): Promise<void> {
  const kinds = 'pods,persistentvolumeclaims,secrets'
  await repository.publish({ backend: TAGS.first, frontend: TAGS.first })
  const running = await identities(before, kinds)
  check('Terraform has three releases', releases(before).length === 3, releases(before))
  await whileVisiting(before, async () => await after.make('up'))
  const now = await identities(after, kinds)
  check('pods, volumes and Secrets are the same, without restarts', now === running, {
    running,
    now
  })
  const records = await after.guestbook.names('secrets', '--selector', 'owner=helm')
  check(
    'neither Terraform nor Helm has a release',
    releases(after).length === 0 && records.length === 0,
    [releases(after), records]
  )
  checkDelivered(after)
}

export async function deployByCommit (
  deployment: Deployment,
  repository: Repository
): Promise<void> {
  const { cluster, context, guestbook } = deployment
  await whileVisiting(deployment, async () => {
    const commit = await repository.publish({ backend: TAGS.next, frontend: TAGS.first })
    // Replaces the webhook. Without one, Argo CD polls every few minutes.
    const refresh = 'argocd.argoproj.io/refresh=normal'
    await cluster.run('annotate', 'applications', '--all', '--namespace', 'argocd', refresh)
    await until('the commit is deployed', () =>
      (applications(context) ?? []).every(
        application => isDelivered(application) && application.status?.sync?.revision === commit
      ), DELIVERY_TIMEOUT_MS, 1000)
  })
  const image = await guestbook.read(
    'deployment/guestbook-backend',
    '{.spec.template.spec.containers[0].image}'
  )
  const expected = `${REGISTRY}/guestbook-backend:${TAGS.next}`
  check('the backend has the image of the commit', image === expected, image)
  await guestbook.run('delete', MANAGEMENT)
  await guestbook.wait(MANAGEMENT, 'create')
  await until('the Applications are healthy', () =>
    (applications(context) ?? []).every(isDelivered), DELIVERY_TIMEOUT_MS, 1000)
  check('an object that is deleted by hand is restored', true)
  checkDelivered(deployment)
}

export async function switchToHelm (deployment: Deployment): Promise<void> {
  const kinds = 'persistentvolumeclaims,secrets'
  const kept = await identities(deployment, kinds)
  await whileVisiting(deployment, async () => await deployment.make('up'))
  await checkPosted(deployment)
  check('volumes and Secrets are the same', (await identities(deployment, kinds)) === kept, kept)
  check('Terraform has three releases', releases(deployment).length === 3, releases(deployment))
  const names = await deployment.cluster.names('namespaces,customresourcedefinitions')
  const remains = names.filter(name => name.includes('argo'))
  check('nothing of Argo CD is left', remains.length === 0, remains)
}
