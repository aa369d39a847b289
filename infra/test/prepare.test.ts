/** The files that Terraform expects in the folder infra, and the context of commands. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import {
  existsSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync,
  statSync, writeFileSync
} from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { context } from '../cli/context.ts'
import { components } from '../src/components.ts'
import { loadConfig } from '../src/config/load.ts'
import { prepareState } from '../src/prepare.ts'

let infra: string
beforeEach(() => { infra = mkdtempSync(join(tmpdir(), 'guestbook-prepare-')) })
afterEach(() => rmSync(infra, { recursive: true, force: true }))

const STACKS = ['cluster', 'platform', 'guestbook']
const remote = { state: { backend: 's3', settings: { bucket: 'b' } } }
const inStack = (stack: string, file: string) => join(infra, 'cdktf.out/stacks', stack, file)
const mode = (path: string) => statSync(join(infra, path)).mode & 0o777

describe('a local state', () => {
  test('has an empty file for each stack that only its owner reads', () => {
    prepareState(loadConfig('prod'), infra)
    expect(readdirSync(join(infra, 'state/prod')).sort())
      .toEqual(['cluster.tfstate', 'guestbook.tfstate', 'platform.tfstate'])
    for (const stack of STACKS) {
      expect(readFileSync(join(infra, `state/prod/${stack}.tfstate`), 'utf8')).toBe('')
      expect(mode(`state/prod/${stack}.tfstate`)).toBe(0o600)
    }
    expect(mode('state/prod')).toBe(0o700)
    expect(existsSync(join(infra, 'state/dev'))).toBe(false)
  })

  test('makes other files of the state private, too', () => {
    mkdirSync(join(infra, 'state/dev'), { recursive: true })
    for (const file of ['kubeconfig', 'platform.tfstate.backup']) {
      writeFileSync(join(infra, 'state/dev', file), 'x', { mode: 0o644 })
    }
    prepareState(loadConfig('dev'), infra)
    expect([mode('state/dev/kubeconfig'), mode('state/dev/platform.tfstate.backup')])
      .toEqual([0o600, 0o600])
  })

  test('that exists keeps its content', () => {
    mkdirSync(join(infra, 'state/dev'), { recursive: true })
    writeFileSync(join(infra, 'state/dev/cluster.tfstate'), '{"version": 4}', { mode: 0o644 })
    prepareState(loadConfig('dev'), infra)
    expect(readFileSync(join(infra, 'state/dev/cluster.tfstate'), 'utf8')).toBe('{"version": 4}')
    expect(mode('state/dev/cluster.tfstate')).toBe(0o600)
  })

  test('is not created with a remote backend', () => {
    prepareState(loadConfig('dev', remote), infra)
    expect(existsSync(join(infra, 'state'))).toBe(false)
  })
})

describe('what Terraform remembers of a backend', () => {
  const files = () => STACKS.map(stack => inStack(stack, '.terraform/terraform.tfstate'))
  const remember = () => {
    for (const file of files()) {
      mkdirSync(join(file, '..'), { recursive: true })
      writeFileSync(file, '{}')
    }
  }

  test.each<[string, string, object, boolean]>([
    ['stays while nothing changes', 'dev', {}, true],
    ['stays when something else changes', 'dev', { profile: 'full' }, true],
    ['goes with another environment', 'prod', {}, false],
    ['goes with another backend', 'dev', remote, false]
  ])('%s', (_, environment, overrides, stays) => {
    prepareState(loadConfig('dev'), infra)
    remember()
    prepareState(loadConfig(environment, overrides), infra)
    expect(files().map(existsSync)).toEqual([stays, stays, stays])
  })

  test('goes with other settings of the backend', () => {
    prepareState(loadConfig('dev', remote), infra)
    remember()
    prepareState(loadConfig('dev', { state: { backend: 's3', settings: { bucket: 'c' } } }), infra)
    expect(files().map(existsSync)).toEqual([false, false, false])
  })
})

test('secrets.tfvars is read by the two stacks with variables, by a link that may be moved', () => {
  writeFileSync(join(infra, 'secrets.tfvars'), 'heartbeat_url = ""')
  prepareState(loadConfig('dev'), infra)
  prepareState(loadConfig('dev'), infra)
  for (const stack of ['platform', 'guestbook']) {
    const link = inStack(stack, 'secrets.auto.tfvars')
    expect(lstatSync(link).isSymbolicLink()).toBe(true)
    expect(readlinkSync(link)).toBe('../../../secrets.tfvars')
    expect(readFileSync(link, 'utf8')).toBe('heartbeat_url = ""')
  }
  expect(existsSync(inStack('cluster', 'secrets.auto.tfvars'))).toBe(false)
  rmSync(join(infra, 'secrets.tfvars'))
  prepareState(loadConfig('dev'), infra)
  expect(existsSync(inStack('platform', 'secrets.auto.tfvars'))).toBe(false)
})

describe('checksums of the providers', () => {
  const lockFile = (versions: Record<string, string>) =>
    Object.entries(versions).map(([source, version]) =>
      `provider "registry.terraform.io/${source}" {\n  version     = "${version}"\n` +
      '  hashes = [\n    "h1:x=",\n  ]\n}\n').join('\n')
  const catalog = Object.fromEntries(components.filter(({ kind }) => kind === 'provider')
    .map(({ source, version }) => [source, version]))
  const outdated = lockFile({ ...catalog, 'hashicorp/helm': '3.0.0' })
  const locks = () => STACKS.map(stack => {
    const file = inStack(stack, '.terraform.lock.hcl')
    return existsSync(file) ? readFileSync(file, 'utf8') : undefined
  })
  const writeLock = (content: string) => {
    mkdirSync(inStack('platform', ''), { recursive: true })
    writeFileSync(inStack('platform', '.terraform.lock.hcl'), content)
  }

  test('that are not written down bind no stack', () => {
    prepareState(loadConfig('dev'), infra)
    expect(locks()).toEqual([undefined, undefined, undefined])
  })

  test('that are written down bind every stack', () => {
    writeFileSync(join(infra, 'providers.lock.hcl'), lockFile(catalog))
    prepareState(loadConfig('dev'), infra)
    expect(locks()).toEqual(Array(3).fill(lockFile(catalog)))
  })

  test('of other versions than the catalog has are rejected, with what to do', () => {
    writeFileSync(join(infra, 'providers.lock.hcl'), outdated)
    expect(() => prepareState(loadConfig('dev'), infra)).toThrow(
      /no checksums of hashicorp\/helm \S+, which components.json names: run make lock-providers/)
  })

  test.each([
    ['stay', 'match the catalog', lockFile(catalog), lockFile(catalog)],
    ['are dropped', 'are outdated', outdated, undefined]
  ])('of Terraform\'s own lock file %s where they %s', (_, __, content, kept) => {
    writeLock(content)
    prepareState(loadConfig('dev'), infra)
    expect(locks()).toEqual([undefined, kept, undefined])
  })
})

describe('a command starts from', () => {
  const existing = 'target: { type: context, context: there, kubeconfig: ~/k }\n' +
    'images: { repository: r }\n'

  test('dev and local.yaml by default', () => {
    writeFileSync(join(infra, 'local.yaml'), 'target: { clusterName: mine }')
    const found = context(infra, { PATH: '/nowhere' })
    expect(found).toMatchObject({
      infra, kubeconfig: join(infra, 'state/dev/kubeconfig'), kubeContext: 'kind-mine'
    })
    expect(found.config).toMatchObject({ environment: 'dev', target: { clusterName: 'mine' } })
    expect(found.env).toEqual({ PATH: '/nowhere', CHECKPOINT_DISABLE: '1' })
  })

  test('the environment that is named', () => {
    const { config, kubeContext, kubeconfig } = context(infra, { ENVIRONMENT: 'prod' })
    expect([config.environment, kubeContext, kubeconfig])
      .toEqual(['prod', 'guestbook-prod', join(homedir(), '.kube/config')])
  })

  test('the file GUESTBOOK_CONFIG instead of local.yaml, from any folder', () => {
    writeFileSync(join(infra, 'local.yaml'), 'profile: full')
    writeFileSync(join(infra, 'mine.yaml'), existing)
    const named = relative(process.cwd(), join(infra, 'mine.yaml'))
    const { config, env, kubeContext, kubeconfig } = context(infra, { GUESTBOOK_CONFIG: named })
    expect([config.profile, kubeContext, kubeconfig])
      .toEqual(['small', 'there', join(homedir(), 'k')])
    expect(env.GUESTBOOK_CONFIG).toBe(join(infra, 'mine.yaml'))
  })

  test('no file that is named and missing', () => {
    expect(() => context(infra, { GUESTBOOK_CONFIG: '/nowhere/mine.yaml' }))
      .toThrow('GUESTBOOK_CONFIG is "/nowhere/mine.yaml", but there is no such file')
  })

  test('an empty ENVIRONMENT as dev, and an empty GUESTBOOK_CONFIG as local.yaml', () => {
    writeFileSync(join(infra, 'local.yaml'), 'profile: full')
    const { config } = context(infra, { ENVIRONMENT: '', GUESTBOOK_CONFIG: '' })
    expect([config.environment, config.profile]).toEqual(['dev', 'full'])
  })

  test.each<[string, string, string | undefined]>([
    ['the engine of the current Docker context', 'echo unix:///run/user/1000/docker.sock',
      'unix:///run/user/1000/docker.sock'],
    ['DOCKER_HOST where Docker is missing', 'exit 1', 'tcp://d']
  ])('%s', (_, docker, host) => {
    writeFileSync(join(infra, 'docker'), `#!/bin/sh\n${docker}\n`, { mode: 0o755 })
    const env = { PATH: `${infra}:${process.env.PATH}`, DOCKER_HOST: 'tcp://d' }
    expect(context(infra, env).env.DOCKER_HOST).toBe(host)
  })

  test('the PagerDuty key as the variable that Terraform reads', () => {
    const keyOf = (env: NodeJS.ProcessEnv) =>
      context(infra, env).env.TF_VAR_pagerduty_integration_key
    expect(keyOf({ PAGERDUTY_INTEGRATION_KEY: 'k' })).toBe('k')
    expect(keyOf({})).toBeUndefined()
  })
})
