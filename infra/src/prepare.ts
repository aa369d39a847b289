import {
  chmodSync,
  closeSync,
  copyFileSync,
  existsSync,
  globSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync
} from 'node:fs'
import { join } from 'node:path'
import { components } from './components.ts'
import { ConfigError } from './config/load.ts'
import type { Config } from './config/schema.ts'
import { STACKS } from './names.ts'

/** Checksums of the providers, as a Terraform lock file; `make lock-providers` writes it. */
export const PROVIDER_LOCK = 'providers.lock.hcl'

/**
 * Prepares the files that Terraform expects in `infra`: state files that only their owner can read,
 * and no settings of another environment's backend.
 */
export function prepareState (config: Config, infra: string): void {
  if (config.state.backend === 'local') {
    const folder = join(infra, 'state', config.environment)
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    for (const stack of STACKS) closeSync(openSync(join(folder, `${stack}.tfstate`), 'a', 0o600))
    for (const file of globSync('*', { cwd: folder })) chmodSync(join(folder, file), 0o600)
  }
  linkSecrets(infra)
  lockProviders(infra)
  const marker = join(infra, 'cdktf.out', 'backend.json')
  const backend = JSON.stringify({ environment: config.environment, ...config.state })
  if (existsSync(marker) && readFileSync(marker, 'utf8') === backend) return
  for (const stack of STACKS) {
    rmSync(join(infra, 'cdktf.out', 'stacks', stack, '.terraform', 'terraform.tfstate'), {
      force: true
    })
  }
  mkdirSync(join(infra, 'cdktf.out'), { recursive: true })
  writeFileSync(marker, backend)
}

/** Terraform reads *.auto.tfvars of a stack automatically, also without make. */
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

/**
 * Restricts Terraform to providers whose checksums are in the file. Without the file each computer
 * trusts the first download.
 * @throws ConfigError when the file has checksums of other versions than the catalog's
 */
function lockProviders (infra: string): void {
  if (!existsSync(join(infra, PROVIDER_LOCK))) return dropOutdatedLocks(infra)
  const locked = readFileSync(join(infra, PROVIDER_LOCK), 'utf8')
  for (const { kind, source, version } of components) {
    if (kind !== 'provider' || isLocked(locked, source, version)) continue
    throw new ConfigError([
      `infra/${PROVIDER_LOCK} has no checksums of ${source} ${version}, which components.json ` +
        'names: run make lock-providers'
    ])
  }
  for (const stack of STACKS) {
    const folder = join(infra, 'cdktf.out', 'stacks', stack)
    mkdirSync(folder, { recursive: true })
    copyFileSync(join(infra, PROVIDER_LOCK), join(folder, '.terraform.lock.hcl'))
  }
}

/** Terraform rejects its own lock file when it names another version than the stack. */
function dropOutdatedLocks (infra: string): void {
  for (const stack of STACKS) {
    const file = join(infra, 'cdktf.out', 'stacks', stack, '.terraform.lock.hcl')
    if (!existsSync(file)) continue
    const locked = readFileSync(file, 'utf8')
    const outdated = components.some(({ source, version }) =>
      locked.includes(`/${source}" {`) && !isLocked(locked, source, version))
    if (outdated) rmSync(file)
  }
}

const isLocked = (locked: string, source: string, version: string) =>
  new RegExp(`/${source}" \\{\\s+version\\s+= "${version}"`).test(locked)
