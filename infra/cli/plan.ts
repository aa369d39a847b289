import { stacksOf } from '../src/names.ts'
import type { Context } from './context.ts'
import { discardStaleState } from './recovery.ts'
import { synth, terraform, TerraformFailure } from './terraform.ts'

const ACTIONS: Record<string, string> = {
  create: 'created',
  update: 'updated in-place',
  delete: 'destroyed',
  replace: 'replaced',
  move: 'moved',
  import: 'imported',
  remove: 'removed from the state'
}
/** Errors of a stack that reads outputs of another one that does not exist. */
const MISSING_OUTPUTS = ['Unsupported attribute', 'Unable to find remote state']

/** Prints what a deployment would change, stack by stack. */
export async function plan (context: Context): Promise<void> {
  discardStaleState(context)
  synth(context)
  for (const stack of stacksOf(context.config)) {
    console.log(`\n${stack}:`)
    let changed = false
    try {
      await terraform(context, stack, ['plan'], ({ type, change, ...event }) => {
        const action = change && ACTIONS[change.action]
        if (type === 'planned_change' && action) {
          changed = true
          console.log(`  ${change.resource.addr} will be ${action}`)
        }
        if (type === 'change_summary') {
          console.log(`  ${changed ? event['@message'] : 'No changes.'}`)
        }
      })
    } catch (error) {
      if (!(error instanceof TerraformFailure) ||
        !error.errors.some(({ summary }) => MISSING_OUTPUTS.includes(summary))) throw error
      console.log('  cannot be planned before the stacks above it exist')
    }
  }
}
