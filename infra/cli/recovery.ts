/** What an interrupted or lost deployment leaves, and how it is mended or taken away. */
import { existsSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import type { Context } from './context.ts'
import { probesOf } from './doctor/probes.ts'
import { kubectlArgs, capture } from './exec.ts'

const STACKS = ['cluster', 'platform', 'guestbook']

/** Lets the state of a Kind cluster that is gone be forgotten: the provider fails on it instead of making a new one. */
export function discardStaleState (context: Context): boolean {
  const { target } = context.config
  if (target.type !== 'kind' || context.config.state.backend !== 'local') return false
  const probes = probesOf(context)
  const { running, stopped } = probes.clusterContainers(target.clusterName)
  if (running + stopped > 0 || !probes.stateHasCluster()) return false
  truncateStates(context)
  return true
}

/** The states of an environment, empty: what they described is gone. */
export function truncateStates ({ infra, config }: Context): void {
  for (const stack of STACKS) {
    for (const file of [`${stack}.tfstate`, `${stack}.tfstate.backup`]) {
      const path = join(infra, 'state', config.environment, file)
      if (existsSync(path)) truncateSync(path)
    }
  }
}

/** Starts the nodes of a cluster that stopped with the computer. */
export function startStoppedNodes (context: Context): void {
  if (context.config.target.type !== 'kind') return
  const stopped = capture(
    context,
    'docker',
    'ps',
    '--quiet',
    '--filter',
    'status=exited',
    '--filter',
    `label=io.x-k8s.kind.cluster=${context.config.target.clusterName}`
  )
  if (stopped) capture(context, 'docker', 'start', ...stopped.split('\n'))
}

/** Longer than any release may take (constructs/release.ts): such an operation is nobody's any more. */
const LONGEST_OPERATION_S = 1000
/** Of Helm's records of operations under way: namespace, name, and when (in Unix seconds) it was last written, if ever, and made. */
const RECORD =
  '{.metadata.namespace} {.metadata.name} {.metadata.labels.modifiedAt} {.metadata.labels.createdAt}'

/**
 * Helm refuses a release on which an operation was interrupted. Its record of that operation is dropped: an upgrade then
 * starts from the last good one, an installation anew. With a remote state somebody else may be deploying at this moment,
 * so only what is older than any operation counts as interrupted.
 * @returns how many records there were
 */
export function clearPendingReleases (context: Context): number {
  if (!existsSync(context.kubeconfig)) return 0
  const found = capture(
    context,
    'kubectl',
    ...kubectlArgs(
      context,
      'get',
      'secrets',
      '--all-namespaces',
      '--selector',
      'owner=helm,status in (pending-install,pending-upgrade,pending-rollback,uninstalling)',
      '--output',
      `jsonpath={range .items[*]}${RECORD}{"\\n"}{end}`,
      '--request-timeout=10s'
    )
  )
  const before =
    context.config.state.backend === 'local' ? Infinity : Date.now() / 1000 - LONGEST_OPERATION_S
  const records = (found?.split('\n') ?? [])
    .filter(Boolean)
    .map(record => record.trim().split(/ +/))
    .filter(([, , since]) => Number(since) < before)
  for (const [namespace, name] of records) {
    capture(
      context,
      'kubectl',
      ...kubectlArgs(context, 'delete', 'secret', '--namespace', namespace!, name!)
    )
  }
  return records.length
}

/** Removes a Kind cluster by Docker alone, whatever Terraform knows of it. */
export function removeCluster (context: Context): void {
  if (context.config.target.type !== 'kind') return
  const containers = capture(
    context,
    'docker',
    'ps',
    '--all',
    '--quiet',
    '--filter',
    `label=io.x-k8s.kind.cluster=${context.config.target.clusterName}`
  )
  if (containers) capture(context, 'docker', 'rm', '--force', '--volumes', ...containers.split('\n'))
  capture(context, 'docker', 'network', 'rm', 'kind')
}
