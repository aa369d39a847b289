import type { Context } from './context.ts'
import { clearPendingReleases, discardStaleState, startStoppedNodes } from './recovery.ts'
import { doctor } from './doctor/doctor.ts'
import { progressOf, stopwatch } from './progress.ts'
import { cdktf } from './exec.ts'
import { smoke } from './smoke.ts'
import { status } from './status.ts'

/** From whatever is there to a platform that answers. Run again, it goes on where it was, or changes nothing. */
export async function up (context: Context): Promise<void> {
  const { say, elapsed } = stopwatch()
  say('doctor')
  await doctor(context)
  if (discardStaleState(context)) {
    say('the cluster of the last deployment is gone: its state is forgotten')
  }
  startStoppedNodes(context)
  const interrupted = clearPendingReleases(context)
  if (interrupted > 0) {
    say(`${interrupted} interrupted Helm operation${interrupted > 1 ? 's' : ''}: begun anew`)
  }
  say('deploy: the first time takes some minutes')
  await cdktf(context, ['deploy', '*', '--auto-approve'], line => {
    const text = progressOf(line)
    if (text) say(text)
  })
  say('smoke test')
  await smoke(context)
  await status(context)
  say(`ready after ${elapsed()}`)
}
