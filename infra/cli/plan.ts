import type { Context } from './context.ts'
import { Failure } from './failure.ts'
import { discardStaleState } from './recovery.ts'
import { cdktf } from './exec.ts'
import { stacksOf } from '../src/app.ts'

/**
 * What a deployment would change, stack by stack; `cdktf plan STACK` tells it attribute by attribute. The stacks after one that does not exist yet cannot be planned: they
 * need its answers.
 */
export async function plan (context: Context): Promise<void> {
  discardStaleState(context)
  for (const stack of stacksOf(context.config)) {
    console.log(`\n${stack}:`)
    try {
      await cdktf(context, ['plan', stack], line => {
        const text = line.replace(/^\w+\s{2,}/, '').trim()
        if (/^(# .* (will|must) be |Plan:|No changes)/.test(text)) {
          console.log(`  ${text.replace(/^# /, '')}`)
        }
      })
    } catch (error) {
      if (
        !(error instanceof Failure) ||
        !/(Unsupported attribute|does not have an attribute|Unable to find remote state)/.test(
          error.message
        )
      ) { throw error }
      console.log('  cannot be planned before the stacks above it exist')
    }
  }
}
