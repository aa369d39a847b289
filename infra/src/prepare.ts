import { chmodSync, closeSync, existsSync, globSync, mkdirSync, openSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Config } from './config/schema.ts'

const STACKS = ['cluster', 'platform', 'guestbook']

/**
 * Makes what Terraform expects in `infra`, and nothing that it has to ask about: state files that only their owner can
 * read, and no memory of another environment's backend.
 */
export function prepareState (config: Config, infra: string): void {
  if (config.state.backend === 'local') {
    const folder = join(infra, 'state', config.environment)
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    for (const stack of STACKS) closeSync(openSync(join(folder, `${stack}.tfstate`), 'a', 0o600))
    for (const file of globSync('*', { cwd: folder })) chmodSync(join(folder, file), 0o600)
  }
  linkSecrets(infra)
  const marker = join(infra, 'cdktf.out', 'backend.json')
  const backend = JSON.stringify({ environment: config.environment, ...config.state })
  if (existsSync(marker) && readFileSync(marker, 'utf8') === backend) return
  for (const stack of STACKS) rmSync(join(infra, 'cdktf.out', 'stacks', stack, '.terraform', 'terraform.tfstate'), { force: true })
  mkdirSync(join(infra, 'cdktf.out'), { recursive: true })
  writeFileSync(marker, backend)
}

/** Terraform reads *.auto.tfvars of a stack by itself: secrets.tfvars counts however Terraform is called. */
function linkSecrets (infra: string): void {
  for (const stack of ['platform', 'guestbook']) {
    const folder = join(infra, 'cdktf.out', 'stacks', stack)
    const link = join(folder, 'secrets.auto.tfvars')
    rmSync(link, { force: true })
    if (!existsSync(join(infra, 'secrets.tfvars'))) continue
    mkdirSync(folder, { recursive: true })
    symlinkSync('../../../secrets.tfvars', link)
  }
}
