import type { Context } from './context.ts'
import {
  clearPendingReleases,
  truncateStates,
  discardStaleState,
  removeCluster,
  startStoppedNodes
} from './recovery.ts'
import { probesOf } from './doctor/probes.ts'
import { Failure, Interrupted } from './failure.ts'
import { progressOf, stopwatch } from './progress.ts'
import { cdktf } from './exec.ts'

/**
 * Takes everything away. On Kind it always succeeds: what Terraform cannot remove, Docker does.
 * @throws Failure when the target is a cluster that exists, and nobody confirmed it
 */
export async function down (context: Context): Promise<void> {
  const { target, environment } = context.config
  if (target.type === 'context' && context.env.CONFIRM !== environment) {
    throw new Failure(
      `This removes the guestbook and all its messages from "${target.context}". If that is meant: CONFIRM=${environment} make down ENVIRONMENT=${environment}`
    )
  }
  const { say } = stopwatch()
  if (discardStaleState(context)) say('the cluster is gone already: its state is forgotten')
  startStoppedNodes(context)
  clearPendingReleases(context)
  try {
    await cdktf(context, ['destroy', '*', '--auto-approve'], line => {
      const text = progressOf(line)
      if (text) say(text)
    })
  } catch (error) {
    if (target.type !== 'kind' || !(error instanceof Failure) || error instanceof Interrupted) {
      throw error
    }
    say(
      `Terraform could not remove everything, Docker does it: ${error.message.split('\n').slice(0, 3).join(' ')}`
    )
    removeCluster(context)
    truncateStates(context)
  }
  if (target.type === 'kind') {
    const { running, stopped } = probesOf(context).clusterContainers(target.clusterName)
    if (running + stopped > 0) {
      say('a cluster that the state did not know is removed')
      removeCluster(context)
    }
  }
  say(
    target.type === 'kind'
      ? 'nothing is left'
      : 'nothing is left but what Helm never removes: definitions of kinds (kubectl get crd), which others may use'
  )
}
