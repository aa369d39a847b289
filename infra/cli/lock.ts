import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { components } from '../src/components.ts'
import { PROVIDER_LOCK } from '../src/prepare.ts'
import type { Context } from './context.ts'
import { extraArgs, execInherit } from './exec.ts'
import { terraformBinary } from './terraform.ts'

/** Platforms that developers and CI deploy from. */
const PLATFORMS = ['linux_amd64', 'linux_arm64', 'darwin_amd64', 'darwin_arm64']

/**
 * Writes the checksums of the catalog's providers, as their registry signs them. Terraform then
 * runs no other binary.
 */
export function lock (context: Context): void {
  const folder = mkdtempSync(join(context.infra, '.lock-'))
  try {
    const providers = components
      .filter(({ kind }) => kind === 'provider')
      .map(({ id, source, version }) => [id, { source, version }])
    writeFileSync(
      join(folder, 'providers.tf.json'),
      JSON.stringify({ terraform: { required_providers: Object.fromEntries(providers) } })
    )
    const more = extraArgs(context, 'LOCK_ARGS')
    const platforms = more.some(option => option.startsWith('-platform'))
      ? []
      : PLATFORMS.map(platform => `-platform=${platform}`)
    execInherit(
      context,
      terraformBinary(context),
      `-chdir=${folder}`,
      'providers',
      'lock',
      '-no-color',
      ...platforms,
      ...more
    )
    copyFileSync(join(folder, '.terraform.lock.hcl'), join(context.infra, PROVIDER_LOCK))
    console.log(`The checksums are in infra/${PROVIDER_LOCK}. Commit it.`)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
