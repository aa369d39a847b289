import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { stacksOf } from '../src/names.ts'
import type { Context } from './context.ts'
import { execSilent, execInherit } from './exec.ts'
import { synth, terraformBinary } from './terraform.ts'

/** Validates the Terraform files of all stacks, as JSON and as HCL. Needs no cluster. */
export function validate (context: Context): void {
  const terraform = terraformBinary(context)
  for (const form of ['JSON', 'HCL']) {
    // At the depth of cdktf.out, so that relative paths name the same files.
    const folder = mkdtempSync(join(context.infra, '.validate-'))
    const hcl = form === 'HCL' && { SYNTH_HCL_OUTPUT: 'true' }
    try {
      synth({ ...context, env: { ...context.env, CDKTF_OUTDIR: folder, ...hcl } })
      for (const stack of stacksOf(context.config)) {
        console.log(`validate: ${stack} as ${form}`)
        const chdir = `-chdir=${join(folder, 'stacks', stack)}`
        execSilent(context, terraform, chdir, 'init', '-backend=false', '-input=false', '-no-color')
        execInherit(context, terraform, chdir, 'validate', '-no-color')
      }
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  }
}
