/** What `make up`, `plan` and `validate` do, step by step, and what they leave after a failure. */
import { afterEach, describe, expect, jest, test } from '@jest/globals'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Context } from '../../cli/context.ts'
import { answer, print, standIns, type StandIns } from './stand-ins.ts'

/** Steps of `make up` that have tests of their own, in the order in which they are taken. */
const steps: string[] = []
let doctorFails = false
const step = (name: string) => async (context: Context) => {
  steps.push(`${name} ${context.config.environment}`)
  if (name === 'doctor' && doctorFails) throw new Error('doctor: 1 thing is in the way')
}
jest.unstable_mockModule('../../cli/doctor/doctor.ts', () => ({ doctor: step('doctor') }))
jest.unstable_mockModule('../../cli/smoke.ts', () => ({ smoke: step('smoke') }))
jest.unstable_mockModule('../../cli/status.ts', () => ({ status: step('status') }))
const { up } = await import('../../cli/up.ts')
const { plan } = await import('../../cli/plan.ts')
const { validate } = await import('../../cli/validate.ts')
const { cdktf } = await import('../../cli/exec.ts')

let stage: StandIns | undefined
afterEach(() => {
  stage?.end()
  stage = undefined
  steps.length = 0
  doctorFails = false
})
const begin = (...options: Parameters<typeof standIns>) => (stage = standIns(...options))
const there = {
  target: { type: 'context', context: 'there', kubeconfig: '/nowhere/config' },
  images: { repository: 'r' }
}
const message = async (run: () => Promise<unknown>) =>
  await run().then(() => 'fine', error => (error as Error).message)
/** Lines without the time since the start. */
const said = () => stage!.said.map(line => line.replace(/^\[\d+:\d\d\] /, ''))
const stateOf = (infra: string, stack: string, content?: string) => {
  const file = join(infra, 'state/dev', `${stack}.tfstate`)
  mkdirSync(join(file, '..'), { recursive: true })
  if (content !== undefined) writeFileSync(file, content)
  return readFileSync(file, 'utf8')
}
const KNOWN = '{"resources": [{ "type": "kind_cluster" }]}'

describe('cdktf', () => {
  const lines = async (program: string, env = {}) => {
    const heard: string[] = []
    const { context } = begin({ cdktf: program }, {}, env)
    const outcome = await message(async () =>
      await cdktf(context, ['deploy', '*'], line => heard.push(line)))
    return { heard, outcome }
  }

  test('is heard line by line, without colours, and without a last end of line', async () => {
    const program = 'printf "one\\n\\033[1mtw"\nwhile [ ! -e heard ]; do sleep 0.01; done\n' +
      'printf "o\\033[0m\\n\\nthree"'
    const heard: string[] = []
    const { context, infra } = begin({ cdktf: program })
    // The rest of the second line comes when the first one was heard.
    await cdktf(context, ['deploy'], line => {
      heard.push(line)
      writeFileSync(join(infra, 'heard'), '')
    })
    expect(heard).toEqual(['one', 'two', 'three'])
  })

  test('is heard on its other stream, draws nothing, and gets more options', async () => {
    const { heard, outcome } = await lines('echo "$FORCE_COLOR $CI $*" >&2',
      { CDKTF_ARGS: '-x -y' })
    expect(heard).toEqual(['0 1 deploy * -x -y'])
    expect(outcome).toBe('fine')
  })

  test('that fails says everything from the first error on, at most 40 lines', async () => {
    const { outcome } = await lines('echo fine\nprintf "platform  │ Error: no chart\\n"\n' +
      'printf "          │   in line 3\\n"\nprintf "platform  ╵\\n"\n' +
      'for i in $(seq 60); do echo "guestbook  line $i"; done\nexit 3')
    const told = outcome.split('\n')
    expect(told.slice(0, 4))
      .toEqual(['cdktf deploy * failed.', '  Error: no chart', '    in line 3', '  line 1'])
    expect(told).toHaveLength(41)
  })

  test('that cannot be started is told', async () => {
    const { context } = begin({}, {}, { PATH: '/nowhere' })
    expect(await message(async () => await cdktf(context, [], () => {}))).toContain('ENOENT')
    expect(process.listenerCount('SIGINT')).toBe(0)
  })
})

describe('make up', () => {
  const kubectl = answer({
    '*get secrets*': print(`guestbook a ${1}\nmonitoring b ${2}`), '*delete secret*': ''
  })
  const cdktf = 'echo "cluster  kind_cluster.cluster: Creating..."\necho "cluster  nothing to say"'

  test('looks, goes on from what is there, deploys, asks and tells', async () => {
    const docker = answer({
      '*{{.State}}': print('exited'), 'ps --quiet*': print('one\ntwo'), 'start*': ''
    })
    const { context, infra, calls } = begin({ cdktf, docker, kubectl })
    stateOf(infra, 'cluster', KNOWN)
    writeFileSync(context.kubeconfig, '')
    await up(context)
    expect(steps).toEqual(['doctor dev', 'smoke dev', 'status dev'])
    expect(said()).toEqual([
      'doctor',
      '2 interrupted Helm operations: begun anew',
      'deploy: the first time takes some minutes',
      'cluster: making cluster (cluster)',
      'smoke test',
      expect.stringMatching(/^ready after \d+:\d\d$/)
    ])
    const filter = 'label=io.x-k8s.kind.cluster=guestbook'
    expect(calls().filter(call => !call.startsWith('kubectl'))).toEqual([
      `docker ps --all --filter ${filter} --format {{.State}}`,
      `docker ps --quiet --filter status=exited --filter ${filter}`,
      'docker start one two',
      'cdktf deploy * --auto-approve'
    ])
    expect(stateOf(infra, 'cluster')).toBe(KNOWN)
  })

  test('forgets the state of a cluster that is gone', async () => {
    const { context, infra } = begin({ cdktf, docker: '', kubectl: 'exit 1' })
    stateOf(infra, 'cluster', KNOWN)
    await up(context)
    expect(said().slice(0, 2)).toEqual(
      ['doctor', 'the cluster of the last deployment is gone: its state is forgotten'])
    expect(stateOf(infra, 'cluster')).toBe('')
  })

  test('tells of one interrupted operation', async () => {
    const one = answer({ '*get secrets*': print('guestbook a 1'), '*delete secret*': '' })
    const { context, infra } = begin({ cdktf, docker: '', kubectl: one })
    mkdirSync(join(infra, 'state/dev'), { recursive: true })
    writeFileSync(context.kubeconfig, '')
    await up(context)
    expect(said()[1]).toBe('1 interrupted Helm operation: begun anew')
  })

  test.each<[string, string, string[]]>([
    ['changes nothing when the doctor finds something', 'doctor: 1 thing is in the way', []],
    ['neither asks nor tells when the deployment fails', 'cdktf deploy * --auto-approve failed.',
      ['cdktf deploy * --auto-approve']]
  ])('%s', async (_, failure, done) => {
    doctorFails = done.length === 0
    const { context, calls } = begin({ cdktf: 'exit 1', docker: '', kubectl: '' }, there)
    expect(await message(async () => await up(context))).toBe(failure)
    expect(calls()).toEqual(done)
    expect(steps).toEqual(['doctor dev'])
  })
})

describe('make plan', () => {
  const OUTPUT = print('platform  # helm_release.loki will be created\n' +
    'platform  # helm_release.tempo must be replaced\nplatform  Terraform used the providers\n' +
    'platform  Plan: 2 to add, 0 to change, 1 to destroy.\nguestbook  No changes. Good.\n' +
    'platform  # module is not asked')
  const TOLD = [
    '  helm_release.loki will be created',
    '  helm_release.tempo must be replaced',
    '  Plan: 2 to add, 0 to change, 1 to destroy.',
    '  No changes. Good.'
  ]

  test.each([
    ['Kind', {}, ['cluster', 'platform', 'guestbook']],
    ['an existing cluster', there, ['platform', 'guestbook']]
  ])('tells what would change, stack by stack: %s', async (_, settings, stacks) => {
    const { context, calls } = begin({ cdktf: OUTPUT, docker: 'exit 1' }, settings)
    await plan(context)
    expect(said()).toEqual(stacks.flatMap(stack => ['', `${stack}:`, ...TOLD]))
    expect(calls().filter(call => call.startsWith('cdktf')))
      .toEqual(stacks.map(stack => `cdktf plan ${stack}`))
  })

  test('forgets the state of a cluster that is gone', async () => {
    const { context, infra } = begin({ cdktf: OUTPUT, docker: '' })
    stateOf(infra, 'cluster', KNOWN)
    await plan(context)
    expect(stateOf(infra, 'cluster')).toBe('')
  })

  test.each([
    'Unsupported attribute', 'This object does not have an attribute named x',
    'Unable to find remote state'
  ])('goes on where a stack needs one that is not there: %s', async error => {
    const { context } = begin({ cdktf: `echo "Error: ${error}"; exit 1` }, there)
    await plan(context)
    expect(said()).toEqual(['platform', 'guestbook'].flatMap(stack =>
      ['', `${stack}:`, '  cannot be planned before the stacks above it exist']))
  })

  test('ends with any other error', async () => {
    const { context } = begin({ cdktf: 'echo "Error: no credentials"; exit 1' }, there)
    expect(await message(async () => await plan(context)))
      .toBe('cdktf plan platform failed.\n  Error: no credentials')
    expect(said()).toEqual(['', 'platform:'])
  })
})

describe('make validate', () => {
  const node = 'mkdir -p "$CDKTF_OUTDIR/stacks/platform" "$CDKTF_OUTDIR/stacks/guestbook"\n' +
    'echo "$SYNTH_HCL_OUTPUT" > "$CDKTF_OUTDIR/form"'
  const folders = (infra: string) => readdirSync(infra).filter(name => /^\.validate/.test(name))

  test.each([
    ['terraform', {}], ['tofu', { TERRAFORM_BINARY_NAME: 'tofu' }]
  ])('has %s judge every stack in both forms', (terraform, env) => {
    const { context, infra, calls } = begin(
      { node, [terraform]: 'cat "${1#-chdir=}/../../form" >> forms' }, there, env)
    validate(context)
    const form = ['platform', 'guestbook'].flatMap(stack => {
      const inStack = `${terraform} -chdir=${infra}/.validate-/stacks/${stack}`
      return [`${inStack} init -backend=false -input=false -no-color`,
        `${inStack} validate -no-color`]
    })
    expect(calls().map(call => call.replace(/\.validate-\w+/, '.validate-')))
      .toEqual(['node main.ts', ...form, 'node main.ts', ...form])
    expect(readFileSync(join(infra, 'forms'), 'utf8')).toBe('\n\n\n\ntrue\ntrue\ntrue\ntrue\n')
    expect(said()).toEqual(['JSON', 'HCL'].flatMap(form =>
      ['platform', 'guestbook'].map(stack => `validate: ${stack} as ${form}`)))
    expect(folders(infra)).toEqual([])
  })

  test.each([
    ['init', 'terraform -chdir=FOLDER/stacks/platform init -backend=false -input=false -no-color ' +
      'failed:\nno registry\n'],
    ['validate', 'terraform -chdir=FOLDER/stacks/platform validate -no-color failed']
  ])('ends with the first %s that fails, and leaves nothing', async (step, failure) => {
    const { context, infra } = begin(
      { node, terraform: `[ "$2" != ${step} ] || { echo "no registry"; exit 1; }` }, there)
    const told = await message(async () => validate(context))
    expect(told.replace(/chdir=.*?\.validate-\w+/, 'chdir=FOLDER')).toBe(failure)
    expect(folders(infra)).toEqual([])
  })
})
