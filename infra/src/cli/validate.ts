import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Context } from './context.ts'
import { stacksOf } from '../app.ts'
import { show } from './run.ts'

/** Terraform's own judgement of what is written, in both forms: HCL is the way out of CDKTF. Needs no cluster. */
export function validate (context: Context): void {
  const terraform = context.env.TERRAFORM_BINARY_NAME || 'terraform'
  for (const form of ['JSON', 'HCL']) {
    const folder = mkdtempSync(join(tmpdir(), 'guestbook-terraform-'))
    try {
      show(context, 'cdktf', 'synth', '--output', folder, ...(form === 'HCL' ? ['--hcl'] : []))
      for (const stack of stacksOf(context.config)) {
        console.log(`validate: ${stack} as ${form}`)
        const inStack = `-chdir=${join(folder, 'stacks', stack)}`
        show(context, terraform, inStack, 'init', '-backend=false', '-input=false', '-no-color')
        show(context, terraform, inStack, 'validate', '-no-color')
      }
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  }
}
