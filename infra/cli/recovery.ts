/** Recovery from an interrupted deployment or a lost cluster. */
import { existsSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import { LONGEST_RELEASE_TIMEOUT_S, STACKS } from '../src/names.ts'
import type { Context } from './context.ts'
import { probesOf } from './doctor/probes.ts'
import { capture, kubectl } from './exec.ts'

/**
 * Discards the state of a Kind cluster that no longer exists: with it, the provider would fail
 * instead of creating a new cluster.
 * @returns whether there was such a state
 */
export function discardStaleState (context: Context): boolean {
  const { target } = context.config
  if (target.type !== 'kind' || context.config.state.backend !== 'local') return false
  const probes = probesOf(context)
  const { running, stopped } = probes.clusterContainers(target.clusterName)
  if (running + stopped > 0 || !probes.stateHasCluster()) return false
  truncateStates(context)
  return true
}

/** Empties the local states of an environment. */
export function truncateStates ({ infra, config }: Context): void {
  for (const stack of STACKS) {
    for (const file of [`${stack}.tfstate`, `${stack}.tfstate.backup`]) {
      const path = join(infra, 'state', config.environment, file)
      if (existsSync(path)) truncateSync(path)
    }
  }
}

/** Starts the nodes of a Kind cluster that stopped with the computer. */
export function startStoppedNodes (context: Context): void {
  const stopped = nodes(context, '--filter', 'status=exited')
  if (stopped.length > 0) capture(context, 'docker', 'start', ...stopped)
}

/** Removes a Kind cluster with Docker, independently of Terraform's state. */
export function removeCluster (context: Context): void {
  if (context.config.target.type !== 'kind') return
  const all = nodes(context, '--all')
  if (all.length > 0) capture(context, 'docker', 'rm', '--force', '--volumes', ...all)
  capture(context, 'docker', 'network', 'rm', 'kind')
}

/** Ids of the containers of a Kind cluster. */
function nodes (context: Context, ...options: string[]): string[] {
  const { target } = context.config
  if (target.type !== 'kind') return []
  const label = `label=io.x-k8s.kind.cluster=${target.clusterName}`
  return capture(context, 'docker', 'ps', '--quiet', ...options, '--filter', label)
    ?.split('\n').filter(Boolean) ?? []
}

/** An operation that is pending for longer was interrupted. */
const LONGEST_OPERATION_S = LONGEST_RELEASE_TIMEOUT_S + 100
/** Namespace, name, last change (Unix seconds; may be missing) and creation of a Helm record. */
const RECORD = '{.metadata.namespace} {.metadata.name} {.metadata.labels.modifiedAt} ' +
  '{.metadata.labels.createdAt}'

/**
 * Deletes Helm's records of pending operations, because Helm rejects a release that has one. An
 * upgrade then starts from the last deployed revision. With a remote state another deployment may
 * be running, so only records older than any operation are deleted there.
 * @returns the number of records
 */
export function clearPendingReleases (context: Context): number {
  if (!existsSync(context.kubeconfig)) return 0
  const found = kubectl(
    context, 'get', 'secrets', '--all-namespaces', '--selector',
    'owner=helm,status in (pending-install,pending-upgrade,pending-rollback,uninstalling)',
    '--output', `jsonpath={range .items[*]}${RECORD}{"\\n"}{end}`, '--request-timeout=10s'
  )
  const before =
    context.config.state.backend === 'local' ? Infinity : Date.now() / 1000 - LONGEST_OPERATION_S
  const records = (found?.split('\n') ?? [])
    .filter(Boolean)
    .map(record => record.trim().split(/ +/))
    .filter(([, , since]) => Number(since) < before)
  for (const [namespace, name] of records) {
    kubectl(context, 'delete', 'secret', '--namespace', namespace!, name!)
  }
  return records.length
}
