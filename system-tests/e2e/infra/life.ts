/** Checks of a deployment's beginning, its interruption and its end. */
import { run } from '../../lib/exec.ts'
import { ROOT } from '../../lib/paths.ts'
import { until } from '../../lib/until.ts'
import { check } from '../cluster.ts'
import { CLUSTER, REGISTRY, TAGS, type Deployment } from './deployment.ts'
import { checkPosted } from './visitors.ts'

const docker = async (...args: string[]) => (await run('docker', args)).split('\n').filter(Boolean)
const OF_CLUSTER = ['--filter', `label=io.x-k8s.kind.cluster=${CLUSTER}`]

export async function buildImages (): Promise<void> {
  await run('./build.sh', ['--all', '--tag', TAGS.first], {
    cwd: ROOT,
    env: { IMAGE_REPOSITORY: REGISTRY }
  })
  const backend = `${REGISTRY}/guestbook-backend`
  await docker('tag', `${backend}:${TAGS.first}`, `${backend}:${TAGS.next}`)
}

export async function checkNoChanges (deployment: Deployment): Promise<void> {
  const plan = await deployment.make('plan')
  check('no stack changes', plan.match(/No changes/g)?.length === 3 && !/Plan:/.test(plan), plan)
}

/** Presses Ctrl-C during an upgrade by Helm, and runs make up again. */
export async function interruptAndResume (deployment: Deployment): Promise<void> {
  const { guestbook } = deployment
  const pending = async () =>
    await guestbook.names('secrets', '--selector', 'owner=helm,status=pending-upgrade')
  await deployment.make('up', async () =>
    await until('a pending upgrade', async () => (await pending()).length > 0, 120_000, 1000)
  )
  await deployment.make('up')
  const ready = await guestbook.read('deployment/guestbook-backend', '{.status.readyReplicas}')
  const left = await pending()
  const isComplete = ready === '2' && left.length === 0
  check('the interrupted upgrade is complete', isComplete, { ready, left })
  await checkPosted(deployment)
  await checkNoChanges(deployment)
}

/** The volumes of the cluster's nodes. */
export async function nodeVolumes (): Promise<string[]> {
  const nodes = await docker('ps', '--all', '--quiet', ...OF_CLUSTER)
  const format = '{{range .Mounts}}{{if eq .Type "volume"}}{{println .Name}}{{end}}{{end}}'
  return await docker('inspect', '--format', format, ...nodes)
}

export async function checkNothingLeft (volumes: readonly string[]): Promise<void> {
  const nodes = await docker('ps', '--all', '--format', '{{.Names}}', ...OF_CLUSTER)
  check('no container is left', nodes.length === 0, nodes)
  const kept = (await docker('volume', 'ls', '--quiet')).filter(name => volumes.includes(name))
  check(`none of ${volumes.length} volumes is left`, kept.length === 0, kept)
  // Docker keeps a network that another Kind cluster uses.
  const others = await docker('ps', '--all', '--quiet', '--filter', 'label=io.x-k8s.kind.cluster')
  const networks = await docker('network', 'ls', '--format', '{{.Name}}')
  const isLeft = networks.includes('kind')
  const reason = others.length > 0 ? ', unless other Kind clusters use it' : ''
  check(`no network is left${reason}`, !isLeft || others.length > 0, isLeft)
}
