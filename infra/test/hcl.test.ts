import { expect, test } from '@jest/globals'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { buildApp } from '../src/app.ts'
import { configOf } from '../src/config/load.ts'
import { inFolder } from './synth.ts'

// What Terraform itself says of the HCL, `make validate` asks; this needs no Terraform.
test.each([
  ['platform', {}, 'pagerduty_integration_key'],
  ['guestbook', { mongodb: { mode: 'external', cidrs: ['10.0.0.0/8'] } }, 'mongodb_uri']
])('conditions of a secret are blocks in the HCL of %s, with its variable', (stack, overrides, variable) => {
  process.env.SYNTH_HCL_OUTPUT = 'true'
  try {
    const images = { backend: { repository: 'b', tag: '1' }, frontend: { repository: 'f', tag: '1' } }
    const hcl = inFolder(outdir => {
      buildApp(configOf('dev', overrides), { images, outdir }).synth()
      return readFileSync(join(outdir, 'stacks', stack, 'cdk.tf'), 'utf8')
    })
    expect(hcl).toMatch(new RegExp(`lifecycle \\{\\s+precondition \\{\\s+condition = "\\$\\{can\\(regex\\(.+, var\\.${variable}\\)\\)\\}"`))
    expect(hcl).not.toContain('precondition =')
  } finally {
    delete process.env.SYNTH_HCL_OUTPUT
  }
})
