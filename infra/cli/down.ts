import { stacksOf } from '../src/names.ts'
import type { Context } from './context.ts'
import { probesOf } from './doctor/probes.ts'
import { Failure, Interrupted } from './failure.ts'
import { describeEvent, stopwatch } from './progress.ts'
import {
  clearPendingReleases,
  discardStaleState,
  removeCluster,
  startStoppedNodes,
  truncateStates
} from './recovery.ts'
import { synth, terraform } from './terraform.ts'

/**
 * Destroys the platform. On Kind it always succeeds: Docker removes what Terraform cannot.
 * @throws Failure when the target is an existing cluster and CONFIRM does not name the environment
 */
export async function down (context: Context): Promise<void> {
  const { target, environment } = context.config
  if (target.type === 'context' && context.env.CONFIRM !== environment) {
    throw new Failure(
      `This removes the guestbook and all its messages from "${target.context}". To confirm: ` +
        `CONFIRM=${environment} make down ENVIRONMENT=${environment}`
    )
  }
  const { log } = stopwatch()
  if (discardStaleState(context)) log('the cluster of the state no longer exists: state discarded')
  startStoppedNodes(context)
  clearPendingReleases(context)
  try {
    synth(context)
    for (const stack of stacksOf(context.config).reverse()) {
      await terraform(context, stack, ['destroy', '-auto-approve'], event => {
        const text = describeEvent(stack, event)
        if (text) log(text)
      })
    }
  } catch (error) {
    if (target.type !== 'kind' || !(error instanceof Failure) || error instanceof Interrupted) {
      throw error
    }
    const reason = error.message.split('\n').slice(0, 3).join(' ')
    log(`Terraform could not remove everything, so Docker removes the cluster: ${reason}`)
    removeCluster(context)
    truncateStates(context)
  }
  if (target.type === 'kind') {
    const { running, stopped } = probesOf(context).clusterContainers(target.clusterName)
    if (running + stopped > 0) {
      log('removing a cluster that is not in the state')
      removeCluster(context)
    }
  }
  log(
    target.type === 'kind'
      ? 'everything is removed'
      : 'everything is removed except CustomResourceDefinitions, which other users of the ' +
        'cluster may need (kubectl get crd)'
  )
}
