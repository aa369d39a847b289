/** The commands of the CLI, its exit codes, and the CDKTF app. */
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals'
import { fileURLToPath } from 'node:url'

const INFRA = fileURLToPath(new URL('../..', import.meta.url))
const ROOT = fileURLToPath(new URL('../../..', import.meta.url))

/** The functions that ran, with their arguments. */
const ran: unknown[][] = []
let error: Error | undefined
const stub = (name: string, result?: unknown) => (...args: unknown[]) => {
  ran.push([name, ...args])
  if (error) throw error
  return result
}
/** The function of each command. */
const COMMANDS = {
  doctor: 'doctor',
  up: 'up',
  plan: 'plan',
  smoke: 'smoke',
  status: 'status',
  open: 'open',
  logs: 'logs',
  down: 'down',
  validate: 'validate',
  lock: 'lock',
  'chart-values': 'chartValues',
  versions: 'checkVersions'
}
const FOLDERS: Record<string, string> = { doctor: 'doctor/', 'chart-values': 'chart-values/' }
for (const [name, command] of Object.entries(COMMANDS)) {
  jest.unstable_mockModule(`../../cli/${FOLDERS[name] ?? ''}${name}.ts`, () =>
    ({ [command]: stub(command) }))
}
jest.unstable_mockModule('../../cli/context.ts', () => ({
  context: (infra: string, env: NodeJS.ProcessEnv) => ({ infra, environment: env.ENVIRONMENT })
}))
jest.unstable_mockModule('../../src/app.ts', () =>
  ({ buildApp: stub('buildApp', { synth: stub('synth') }) }))
jest.unstable_mockModule('../../src/prepare.ts', () => ({ prepareState: stub('prepareState') }))
jest.unstable_mockModule('../../src/service-images.ts', () =>
  ({ serviceImages: stub('serviceImages', 'images') }))
jest.unstable_mockModule('../../src/config/load.ts', () => ({
  ConfigError,
  loadConfig: stub('loadConfig', 'config'),
  readOverrides: stub('readOverrides', 'overrides')
}))
jest.unstable_mockModule('../../cli/failure.ts', () => ({ Failure, Interrupted }))
class ConfigError extends Error {}
class Failure extends Error {}
class Interrupted extends Failure {}

let printed: string[]
const { argv, env } = process
beforeEach(() => {
  printed = []
  for (const stream of ['log', 'error'] as const) {
    jest.spyOn(console, stream).mockImplementation(text => { printed.push(`${stream}: ${text}`) })
  }
  process.env = { ...env, ENVIRONMENT: 'staging' }
  delete process.env.GUESTBOOK_CONFIG
})
afterEach(() => {
  jest.restoreAllMocks()
  jest.resetModules()
  Object.assign(process, { argv, env, exitCode: undefined })
  ran.length = 0
  error = undefined
})

/** Runs a module of the folder as a process does. @returns its exit code */
async function start (module: string, ...args: string[]): Promise<unknown> {
  process.argv = ['node', module, ...args]
  await import(`../../${module}.ts`)
  const { exitCode } = process
  process.exitCode = undefined
  return exitCode
}

describe('node infra/cli/main.ts', () => {
  test.each(Object.entries(COMMANDS))('%s runs %s, in the folder infra', async (command, run) => {
    expect(await start('cli/main', command)).toBeUndefined()
    expect(ran).toEqual([[run, { infra: INFRA, environment: 'staging' }]])
    expect(printed).toEqual([])
  })

  const USAGE = [
    'Usage: node infra/cli/main.ts COMMAND',
    '',
    ...Object.keys(COMMANDS).map(name => `  ${name.padEnd(14)}`),
    '',
    'Environment:',
    '  ENVIRONMENT       ',
    '  GUESTBOOK_CONFIG  ',
    '  PAGERDUTY_INTEGRATION_KEY  ',
    '  TERRAFORM_BINARY_NAME  ',
    '  LOCK_ARGS         ',
    '  TF_CLI_ARGS_apply  '
  ]

  test.each([[[]], [['-h']], [['--help']]])('prints its usage with %j', async args => {
    expect(await start('cli/main', ...args)).toBeUndefined()
    const lines = printed.join('\n').replace(/^log: /, '').split('\n')
    expect(lines).toHaveLength(USAGE.length)
    for (const [at, line] of lines.entries()) expect(line).toContain(USAGE[at])
    expect(ran).toEqual([])
  })

  test('ends with 2 where there is no such command', async () => {
    expect(await start('cli/main', 'destroy')).toBe(2)
    expect(printed).toEqual([expect.stringMatching(
      /^error: infra: unknown command "destroy"\n\nUsage: node infra\/cli\/main\.ts COMMAND\n/)])
    expect(ran).toEqual([])
  })

  test.each([
    ['fails', Failure],
    ['is interrupted', Interrupted],
    ['has an invalid configuration', ConfigError]
  ])('ends with 1 and an error message when a command %s', async (_, Kind) => {
    error = new Kind('no')
    expect(await start('cli/main', 'up')).toBe(1)
    expect(printed).toEqual(['error: \nno'])
  })

  test('throws an unexpected error', async () => {
    error = new TypeError('fault')
    await expect(start('cli/main', 'up')).rejects.toThrow('fault')
    expect(printed).toEqual([])
  })
})

describe('node infra/main.ts', () => {
  const steps = (environment: string, file: string, required: boolean) => [
    ['readOverrides', file, required],
    ['loadConfig', environment, 'overrides'],
    ['prepareState', 'config', INFRA],
    ['serviceImages', 'config', ROOT],
    ['buildApp', 'config', { images: 'images' }],
    ['synth']
  ]

  test.each<[NodeJS.ProcessEnv, unknown[][]]>([
    [{}, steps('staging', `${INFRA}local.yaml`, false)],
    [{ ENVIRONMENT: '' }, steps('dev', `${INFRA}local.yaml`, false)],
    [{ GUESTBOOK_CONFIG: '/mine.yaml' }, steps('staging', '/mine.yaml', true)]
  ])('with %j writes what Terraform reads', async (more, expected) => {
    Object.assign(process.env, more)
    expect(await start('main')).toBeUndefined()
    expect(ran).toEqual(expected)
  })

  test('ends with 1 and an error message when the configuration is invalid', async () => {
    error = new ConfigError('Invalid configuration')
    expect(await start('main')).toBe(1)
    expect(printed).toEqual(['error: Invalid configuration'])
  })

  test('throws an unexpected error', async () => {
    error = new TypeError('fault')
    await expect(start('main')).rejects.toThrow('fault')
  })
})
