/** The beginning and the end of a deployment, and a Ctrl-C between. */
import { execFileSync } from 'node:child_process'
import { check, until } from '../cluster.ts'
import { CLUSTER, REGISTRY, root, TAGS, type Deployment } from './deployment.ts'
import { checkSigned } from './visitors.ts'

const run = (command: string, args: string[], env = {}) =>
  execFileSync(command, args, {
    cwd: root,
    encoding: 'utf8',
    env: { ...process.env, ...env }
  }).trim()
const docker = (...args: string[]) => run('docker', args).split('\n').filter(Boolean)
const ofCluster = ['--filter', `label=io.x-k8s.kind.cluster=${CLUSTER}`]

export function buildImages (): void {
  run('./build.sh', ['--all', '--tag', TAGS.first], { IMAGE_REPOSITORY: REGISTRY })
  const backend = `${REGISTRY}/guestbook-backend`
  run('docker', ['tag', `${backend}:${TAGS.first}`, `${backend}:${TAGS.next}`])
}

export async function checkNothingToDo (deployment: Deployment): Promise<void> {
  const plan = await deployment.make('plan')
  check('no stack changes', plan.match(/No changes/g)?.length === 3 && !/Plan:/.test(plan), plan)
}

/** Presses Ctrl-C in the middle of an upgrade by Helm. */
export async function interruptAndGoOn (deployment: Deployment): Promise<void> {
  const underWay = () =>
    deployment.kubectl(
      'get',
      'secrets',
      '--namespace',
      'guestbook',
      '--selector',
      'owner=helm,status=pending-upgrade',
      '--output',
      'name'
    )
  await deployment.make('up', () => until(() => underWay() !== ''))
  await deployment.make('up')
  const ready = deployment.kubectl(
    'get',
    'deployment/guestbook-backend',
    '--namespace',
    'guestbook',
    '--output',
    'jsonpath={.status.readyReplicas}'
  )
  check('what was interrupted is there', ready === '2' && underWay() === '', {
    ready,
    underWay: underWay()
  })
  await checkSigned(deployment)
  await checkNothingToDo(deployment)
}

/** @returns the volumes of the nodes */
export function remember (): string[] {
  return docker('ps', '--all', '--quiet', ...ofCluster).flatMap(node =>
    docker(
      'inspect',
      '--format',
      '{{range .Mounts}}{{if eq .Type "volume"}}{{println .Name}}{{end}}{{end}}',
      node
    )
  )
}

export function checkNothingLeft (volumes: readonly string[]): void {
  const nodes = docker('ps', '--all', '--format', '{{.Names}}', ...ofCluster)
  check('docker ps -a shows nothing of it', nodes.length === 0, nodes)
  const kept = docker('volume', 'ls', '--quiet').filter(volume => volumes.includes(volume))
  check(
    `docker volume ls shows nothing of it (there ${volumes.length === 1 ? 'was 1' : `were ${volumes.length}`})`,
    kept.length === 0,
    kept
  )
  // Docker keeps a network that somebody uses.
  const others = docker('ps', '--all', '--quiet', '--filter', 'label=io.x-k8s.kind.cluster')
  const network = docker('network', 'ls', '--format', '{{.Name}}').includes('kind')
  check(
    `docker network ls shows nothing of it${others.length > 0 ? ', for which other Kind clusters still have their network' : ''}`,
    !network || others.length > 0,
    network
  )
}
