/** The steps of `make up`, `plan` and `validate`, and their results after a failure. */
import { afterEach, describe, expect, jest, test } from '@jest/globals'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Context } from '../../cli/context.ts'
import {
  answer, event, EXISTING_CLUSTER, fakePrograms, print, STATE
} from './fake-programs.ts'

/** Steps of `make up` that other tests cover, in order. */
const steps: string[] = []
let doctorFails = false
const step = (name: string) => async (context: Context) => {
  steps.push(`${name} ${context.config.environment}`)
  if (name === 'doctor' && doctorFails) throw new Error('doctor: 1 check failed')
}
jest.unstable_mockModule('../../cli/doctor/doctor.ts', () => ({ doctor: step('doctor') }))
jest.unstable_mockModule('../../cli/smoke.ts', () => ({ smoke: step('smoke') }))
jest.unstable_mockModule('../../cli/status.ts', () => ({ status: step('status') }))
const { up } = await import('../../cli/up.ts')
const { plan } = await import('../../cli/plan.ts')
const { validate } = await import('../../cli/validate.ts')

afterEach(() => {
  steps.length = 0
  doctorFails = false
})
const stateOf = (infra: string, stack: string, content?: string) => {
  const file = join(infra, 'state/dev', `${stack}.tfstate`)
  mkdirSync(join(file, '..'), { recursive: true })
  if (content !== undefined) writeFileSync(file, content)
  return readFileSync(file, 'utf8')
}

const terraform = (scripts: Record<string, string>) => answer({ '*init*': '', ...scripts })
/** Calls without the initialisation of stacks. */
const changes = (calls: string[]) => calls.filter(call => !/ init |^kubectl/.test(call))

describe('make up', () => {
  const kubectl = answer({
    '*get secrets*': print('guestbook a 1\nmonitoring b 2'), '*delete secret*': ''
  })
  const creating = event({
    type: 'apply_start',
    hook: {
      resource: { resource_type: 'kind_cluster', resource_name: 'cluster' }, action: 'create'
    }
  })
  const applied = terraform({
    '*cluster apply*': `${creating}\n${event({ type: 'outputs' })}`, '*apply*': ''
  })

  test('runs the doctor, recovers, deploys, tests and prints the status', async () => {
    const docker = answer({
      '*{{.State}}': print('exited'), 'ps --quiet*': print('one\ntwo'), 'start*': ''
    })
    const { context, infra, calls, output } = fakePrograms(
      { node: '', terraform: applied, docker, kubectl })
    stateOf(infra, 'cluster', STATE)
    writeFileSync(context.kubeconfig, '')
    await up(context)
    expect(steps).toEqual(['doctor dev', 'smoke dev', 'status dev'])
    expect(output).toEqual([
      'doctor',
      'cleared 2 pending Helm operations',
      'deploy: the first run takes some minutes',
      'cluster: creating cluster (cluster)',
      'smoke test',
      expect.stringMatching(/^ready after \d+:\d\d$/)
    ])
    const filter = 'label=io.x-k8s.kind.cluster=guestbook'
    expect(changes(calls())).toEqual([
      `docker ps --all --filter ${filter} --format {{.State}}`,
      `docker ps --quiet --filter status=exited --filter ${filter}`,
      'docker start one two',
      'node main.ts',
      ...['cluster', 'platform', 'guestbook'].map(stack =>
        `terraform -chdir=cdktf.out/stacks/${stack} apply -auto-approve -input=false -json`)
    ])
    expect(stateOf(infra, 'cluster')).toBe(STATE)
  })

  test('discards the state of a cluster that does not exist', async () => {
    const { context, infra, output } = fakePrograms(
      { node: '', terraform: applied, docker: '', kubectl: 'exit 1' })
    stateOf(infra, 'cluster', STATE)
    await up(context)
    expect(output.slice(0, 2)).toEqual(
      ['doctor', 'the cluster of the state no longer exists: state discarded'])
    expect(stateOf(infra, 'cluster')).toBe('')
  })

  test('reports one pending operation', async () => {
    const one = answer({ '*get secrets*': print('guestbook a 1'), '*delete secret*': '' })
    const { context, infra, output } = fakePrograms(
      { node: '', terraform: applied, docker: '', kubectl: one })
    mkdirSync(join(infra, 'state/dev'), { recursive: true })
    writeFileSync(context.kubeconfig, '')
    await up(context)
    expect(output[1]).toBe('cleared 1 pending Helm operation')
  })

  test.each<[string, string, string[]]>([
    ['changes nothing when the doctor fails', 'doctor: 1 check failed', []],
    ['stops after the first stack that fails', 'terraform apply of stack platform failed.', [
      'node main.ts',
      'terraform -chdir=cdktf.out/stacks/platform apply -auto-approve -input=false -json'
    ]]
  ])('%s', async (_, failure, done) => {
    doctorFails = done.length === 0
    const { context, calls } = fakePrograms(
      { node: '', terraform: terraform({}), docker: '', kubectl: '' }, EXISTING_CLUSTER)
    await expect(up(context)).rejects.toThrow(new Error(failure))
    expect(changes(calls())).toEqual(done)
    expect(steps).toEqual(['doctor dev'])
  })
})

describe('make plan', () => {
  const planned = (name: string, action: string) => event({
    type: 'planned_change', change: { resource: { addr: `helm_release.${name}` }, action }
  })
  const summary = (text: string) => event({ type: 'change_summary', '@message': text })
  const changing = [
    planned('loki', 'create'), planned('tempo', 'replace'), planned('alloy', 'update'),
    planned('promtail', 'delete'), planned('read', 'read'), planned('same', 'noop'),
    event({ type: 'refresh_start' }), summary('Plan: 2 to add, 1 to change, 2 to destroy.')
  ].join('\n')
  const PLANNED = [
    '  helm_release.loki will be created',
    '  helm_release.tempo will be replaced',
    '  helm_release.alloy will be updated in-place',
    '  helm_release.promtail will be destroyed',
    '  Plan: 2 to add, 1 to change, 2 to destroy.'
  ]
  const noChanges = summary('Plan: 0 to add, 0 to change, 0 to destroy.')
  const error = (summary: string) =>
    event({ type: 'diagnostic', diagnostic: { severity: 'error', summary, detail: '' } })

  test.each([
    ['Kind', {}, ['cluster', 'platform', 'guestbook']],
    ['an existing cluster', EXISTING_CLUSTER, ['platform', 'guestbook']]
  ])('prints what would change, stack by stack: %s', async (_, settings, stacks) => {
    const planning = terraform({ '*guestbook plan*': noChanges, '*plan*': changing })
    const { context, calls, output } = fakePrograms(
      { node: '', terraform: planning, docker: 'exit 1' }, settings)
    await plan(context)
    expect(output).toEqual(stacks.flatMap(stack =>
      ['', `${stack}:`, ...(stack === 'guestbook' ? ['  No changes.'] : PLANNED)]))
    expect(changes(calls()).filter(call => !call.startsWith('docker'))).toEqual([
      'node main.ts',
      ...stacks.map(stack => `terraform -chdir=cdktf.out/stacks/${stack} plan -input=false -json`)
    ])
  })

  test('discards the state of a cluster that no longer exists', async () => {
    const { context, infra } = fakePrograms(
      { node: '', terraform: terraform({ '*plan*': '' }), docker: '' })
    stateOf(infra, 'cluster', STATE)
    await plan(context)
    expect(stateOf(infra, 'cluster')).toBe('')
  })

  const failing = (summary: string) =>
    ({ node: '', terraform: terraform({ '*plan*': `${error(summary)}\nexit 1` }) })

  test.each(['Unsupported attribute', 'Unable to find remote state'])(
    'continues where a stack needs outputs that do not exist: %s', async summary => {
      const { context, output } = fakePrograms(failing(summary), EXISTING_CLUSTER)
      await plan(context)
      expect(output).toEqual(['platform', 'guestbook'].flatMap(stack =>
        ['', `${stack}:`, '  cannot be planned before the stacks above it exist']))
    })

  test('ends with any other error', async () => {
    const { context, output } = fakePrograms(failing('no credentials'), EXISTING_CLUSTER)
    await expect(plan(context)).rejects.toThrow(
      new Error('terraform plan of stack platform failed.\n  Error: no credentials'))
    expect(output).toEqual(['', 'platform:'])
  })

  test('ends when the Terraform files cannot be written', async () => {
    const { context } = fakePrograms({ node: 'echo a policy >&2; exit 1' }, EXISTING_CLUSTER)
    await expect(plan(context)).rejects.toThrow(new Error('node main.ts failed:\na policy\n'))
  })
})

describe('make validate', () => {
  const node = 'mkdir -p "$CDKTF_OUTDIR/stacks/platform" "$CDKTF_OUTDIR/stacks/guestbook"\n' +
    'echo "$SYNTH_HCL_OUTPUT" > "$CDKTF_OUTDIR/form"'
  const folders = (infra: string) => readdirSync(infra).filter(name => /^\.validate/.test(name))

  test.each([
    ['terraform', {}], ['tofu', { TERRAFORM_BINARY_NAME: 'tofu' }]
  ])('validates every stack in both forms with %s', (terraform, env) => {
    const { context, infra, calls, output } = fakePrograms(
      { node, [terraform]: 'cat "${1#-chdir=}/../../form" >> forms' }, EXISTING_CLUSTER, env)
    validate(context)
    const form = ['platform', 'guestbook'].flatMap(stack => {
      const inStack = `${terraform} -chdir=${infra}/.validate-/stacks/${stack}`
      return [`${inStack} init -backend=false -input=false -no-color`,
        `${inStack} validate -no-color`]
    })
    expect(calls().map(call => call.replace(/\.validate-\w+/, '.validate-')))
      .toEqual(['node main.ts', ...form, 'node main.ts', ...form])
    expect(readFileSync(join(infra, 'forms'), 'utf8')).toBe('\n\n\n\ntrue\ntrue\ntrue\ntrue\n')
    expect(output).toEqual(['JSON', 'HCL'].flatMap(form =>
      ['platform', 'guestbook'].map(stack => `validate: ${stack} as ${form}`)))
    expect(folders(infra)).toEqual([])
  })

  test.each([
    ['init', ' -backend=false -input=false -no-color failed:\nno CA\n'],
    ['validate', ' -no-color failed']
  ])('ends with the first %s that fails, and leaves no files', (step, failure) => {
    const terraform = `[ "$2" != ${step} ] || { echo "no CA"; exit 1; }`
    const { context, infra } = fakePrograms({ node, terraform }, EXISTING_CLUSTER)
    const command = `^terraform -chdir=${infra}/\\.validate-\\w+/stacks/platform ${step}`
    expect(() => validate(context)).toThrow(new RegExp(`${command}${failure}$`))
    expect(folders(infra)).toEqual([])
  })
})
