import { stacksOf } from '../src/names.ts'
import type { Context } from './context.ts'
import { doctor } from './doctor/doctor.ts'
import { describeEvent, stopwatch } from './progress.ts'
import { clearPendingReleases, discardStaleState, startStoppedNodes } from './recovery.ts'
import { smoke } from './smoke.ts'
import { status } from './status.ts'
import { synth, terraform } from './terraform.ts'

/** Deploys the platform or its changes, and tests it. A repeated run continues or does nothing. */
export async function up (context: Context): Promise<void> {
  const { log, elapsed } = stopwatch()
  log('doctor')
  await doctor(context)
  if (discardStaleState(context)) log('the cluster of the state no longer exists: state discarded')
  startStoppedNodes(context)
  const pending = clearPendingReleases(context)
  if (pending > 0) log(`cleared ${pending} pending Helm operation${pending > 1 ? 's' : ''}`)
  log('deploy: the first run takes some minutes')
  synth(context)
  for (const stack of stacksOf(context.config)) {
    await terraform(context, stack, ['apply', '-auto-approve'], event => {
      const text = describeEvent(stack, event)
      if (text) log(text)
    })
  }
  log('smoke test')
  await smoke(context)
  await status(context)
  log(`ready after ${elapsed()}`)
}
