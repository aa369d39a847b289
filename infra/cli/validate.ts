import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { stacksOf } from '../src/app.ts'
import type { Context } from './context.ts'
import { execSilent, execInherit } from './exec.ts'
import { terraformBinary } from './terraform.ts'

/** Terraform's own judgement of what is written, in both forms: HCL is the way out of CDKTF. Needs no cluster. */
export function validate (context: Context): void {
  const terraform = terraformBinary(context)
  for (const form of ['JSON', 'HCL']) {
    // As deep as cdktf.out, so that relative paths lead to the same files.
    const folder = mkdtempSync(join(context.infra, '.validate-'))
    try {
      execInherit(
        {
          ...context,
          env: {
            ...context.env,
            CDKTF_OUTDIR: folder,
            ...(form === 'HCL' && { SYNTH_HCL_OUTPUT: 'true' })
          }
        },
        'node',
        'main.ts'
      )
      for (const stack of stacksOf(context.config)) {
        console.log(`validate: ${stack} as ${form}`)
        const inStack = `-chdir=${join(folder, 'stacks', stack)}`
        execSilent(context, terraform, inStack, 'init', '-backend=false', '-input=false', '-no-color')
        execInherit(context, terraform, inStack, 'validate', '-no-color')
      }
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  }
}
