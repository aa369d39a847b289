/** `make down`, and recovery from an interrupted or lost deployment. */
import { describe, expect, jest, test } from '@jest/globals'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  clearPendingReleases, truncateStates, discardStaleState, removeCluster, startStoppedNodes
} from '../../cli/recovery.ts'
import { down } from '../../cli/down.ts'
import {
  answer, event, EXISTING_CLUSTER, fakePrograms, print, REMOTE_STATE, STATE, type FakePrograms
} from './fake-programs.ts'

const FILTER = '--filter label=io.x-k8s.kind.cluster=guestbook'
const [COUNT, LIST] = [`docker ps --all ${FILTER} --format {{.State}}`,
  `docker ps --quiet --all ${FILTER}`]
const STOPPED = `docker ps --quiet --filter status=exited ${FILTER}`

const STATES = ['cluster', 'platform', 'guestbook']
  .flatMap(stack => [`${stack}.tfstate`, `${stack}.tfstate.backup`])
const folder = (infra: string, environment = 'dev') => join(infra, 'state', environment)
function writeStates (infra: string, environment = 'dev'): void {
  mkdirSync(folder(infra, environment), { recursive: true })
  for (const file of [...STATES, 'other']) {
    writeFileSync(join(folder(infra, environment), file), STATE)
  }
}
/** Files of the state that are not empty. */
const kept = (infra: string, environment = 'dev') => [...STATES, 'other']
  .filter(file => readFileSync(join(folder(infra, environment), file), 'utf8') !== '')

/** Docker that has nodes until they are removed: one of the cluster stopped, one running. */
const docker = answer({
  '*{{.State}}': '[ -e removed ] || printf "running\\nexited\\n"',
  '*status=exited*': 'echo two',
  'ps --quiet --all*': 'printf "one\\ntwo\\n"',
  'rm *': 'touch removed',
  'network *': '',
  'start *': ''
})

describe('make down', () => {
  const terraform = (script: string) =>
    answer({ '*init*': '', '*guestbook destroy*': '', '*destroy*': script })
  const resource = { resource_type: 'kind_cluster', resource_name: 'cluster' }
  const destroying = event({ type: 'apply_start', hook: { resource, action: 'delete' } })
  const destroyed = terraform(`touch removed\n${destroying}`)
  const diagnostic = { severity: 'error', summary: 'one', detail: 'two\nthree' }
  const failing = terraform(`${event({ type: 'diagnostic', diagnostic })}\nexit 1`)
  const succeeding = terraform('')
  const existing = (program: string, env: NodeJS.ProcessEnv) =>
    fakePrograms({ node: '', terraform: program, docker, kubectl: '' }, EXISTING_CLUSTER, env)
  const REMOVED = 'everything is removed'
  const destroy = (stack: string) =>
    `terraform -chdir=cdktf.out/stacks/${stack} destroy -auto-approve -input=false -json`
  const ALL = ['node main.ts', destroy('guestbook'), destroy('platform'), destroy('cluster')]
  /** Runs the command. @returns its error, output and calls, without the initialisation */
  const run = async ({ context, calls, output }: FakePrograms) => ({
    failure: await down(context).catch(error => error.message),
    changes: calls().filter(call => !call.includes(' init ')),
    output
  })

  test('lets Terraform destroy everything on Kind, without a confirmation', async () => {
    const fake = fakePrograms({ node: '', terraform: destroyed, docker, kubectl: 'echo a b 1' })
    writeStates(fake.infra)
    writeFileSync(fake.context.kubeconfig, '')
    expect(await run(fake)).toEqual({
      changes: [COUNT, STOPPED, 'docker start two',
        expect.stringMatching(/^kubectl .* get secrets /),
        expect.stringMatching(/^kubectl .* delete secret --namespace a b$/),
        ...ALL, COUNT],
      output: [
        'platform: destroying cluster (cluster)', 'cluster: destroying cluster (cluster)', REMOVED]
    })
    expect(kept(fake.infra)).toEqual([...STATES, 'other'])
  })

  test('has Docker remove what Terraform cannot, and discards the state', async () => {
    const fake = fakePrograms({ node: '', terraform: failing, docker, kubectl: 'exit 1' })
    writeStates(fake.infra)
    writeStates(fake.infra, 'staging')
    const { changes, ...result } = await run(fake)
    expect(changes.slice(3)).toEqual([...ALL.slice(0, 3), LIST,
      'docker rm --force --volumes one two', 'docker network rm kind', COUNT])
    expect(result).toEqual({
      output: [
        'Terraform could not remove everything, so Docker removes the cluster: ' +
          'terraform destroy of stack platform failed.   Error: one   two',
        REMOVED
      ]
    })
    expect(kept(fake.infra)).toEqual(['other'])
    expect(kept(fake.infra, 'staging')).toEqual([...STATES, 'other'])
  })

  test.each([
    ['runs', docker], ['is stopped', docker.replace('running\\n', '')]
  ])('removes a cluster that is not in the state, and that %s', async (_, program) => {
    const fake = fakePrograms(
      { node: '', terraform: succeeding, docker: program, kubectl: 'exit 1' })
    writeStates(fake.infra)
    const { changes, ...result } = await run(fake)
    expect(changes.slice(3)).toEqual([...ALL, COUNT, LIST,
      'docker rm --force --volumes one two', 'docker network rm kind'])
    expect(result).toEqual({ output: ['removing a cluster that is not in the state', REMOVED] })
  })

  test('discards the state of a cluster that does not exist', async () => {
    const fake = fakePrograms({ node: '', terraform: succeeding, docker: '', kubectl: 'exit 1' })
    writeStates(fake.infra)
    expect(await run(fake)).toEqual({
      changes: [COUNT, STOPPED, ...ALL, COUNT],
      output: ['the cluster of the state no longer exists: state discarded', REMOVED]
    })
    expect(kept(fake.infra)).toEqual(['other'])
  })

  test('of an existing cluster does not use Docker, and says what stays', async () => {
    const fake = existing(succeeding, { ENVIRONMENT: 'staging', CONFIRM: 'staging' })
    expect(await run(fake)).toEqual({
      changes: ALL.slice(0, 3),
      output: [`${REMOVED} except CustomResourceDefinitions, which ` +
        'other users of the cluster may need (kubectl get crd)']
    })
  })

  test('of an existing cluster fails as Terraform does', async () => {
    const fake = existing(failing, { ENVIRONMENT: 'prod', CONFIRM: 'prod' })
    writeStates(fake.infra, 'prod')
    expect(await run(fake)).toMatchObject({
      failure: 'terraform destroy of stack platform failed.\n  Error: one\n  two\n  three',
      changes: ALL.slice(0, 3)
    })
    expect(kept(fake.infra, 'prod')).toEqual([...STATES, 'other'])
  })

  test('that is interrupted does not continue with Docker', async () => {
    const interrupted = `trap "exit 1" INT\n${destroying}\nwhile :; do sleep 0.1; done`
    const fake = fakePrograms(
      { node: '', terraform: terraform(interrupted), docker, kubectl: '' })
    jest.spyOn(console, 'error').mockImplementation(() => {})
    jest.spyOn(console, 'log').mockImplementation(text => {
      if (String(text).includes('destroying')) process.emit('SIGINT')
    })
    const { failure, changes } = await run(fake)
    expect(failure).toContain('terraform destroy of stack platform was interrupted')
    expect(changes.join('\n')).not.toMatch(/docker (rm|network)/)
  })

  test.each(['dev', 'staging', 'prod'])(
    'of an existing cluster as %s requires the environment in CONFIRM', async environment => {
      for (const CONFIRM of [undefined, '', 'yes', 'true', ' prod', `${environment} `,
        environment.toUpperCase(), 'there', 'guestbook']) {
        expect(await run(existing(succeeding, { ENVIRONMENT: environment, CONFIRM }))).toEqual({
          failure: 'This removes the guestbook and all its messages from "there". To confirm: ' +
            `CONFIRM=${environment} make down ENVIRONMENT=${environment}`,
          changes: [],
          output: []
        })
      }
    })
})

describe('the state of a lost cluster', () => {
  test.each<[string, boolean, string, object, string]>([
    ['is discarded when Docker has no nodes', true, '', {}, STATE],
    ['is kept while a node runs', false, 'echo running', {}, STATE],
    ['is kept while a node is stopped', false, 'echo exited', {}, STATE],
    ['is not there when the state has none', false, '', {}, '{"resources": []}'],
    ['is kept in a remote backend', false, '', REMOTE_STATE, STATE],
    ['is kept for an existing cluster', false, '', EXISTING_CLUSTER, STATE]
  ])('%s', (_, forgotten, program, settings, content) => {
    const { context, infra } = fakePrograms({ docker: program }, settings)
    writeStates(infra)
    writeFileSync(join(folder(infra), 'cluster.tfstate'), content)
    expect(discardStaleState(context)).toBe(forgotten)
    expect(kept(infra)).toEqual(forgotten ? ['other'] : [...STATES, 'other'])
  })

  test('is discarded also where a state file is missing', () => {
    const { context, infra } = fakePrograms({})
    mkdirSync(folder(infra), { recursive: true })
    truncateStates(context)
    expect(existsSync(join(folder(infra), 'cluster.tfstate'))).toBe(false)
  })
})

describe('nodes', () => {
  test.each<[string, string, object, string[]]>([
    ['that stopped are started', docker, {}, [STOPPED, 'docker start two']],
    ['that run are left alone', '', {}, [STOPPED]],
    ['are Kind\'s alone', docker, EXISTING_CLUSTER, []]
  ])('%s', (_, program, settings, done) => {
    const { context, calls } = fakePrograms({ docker: program }, settings)
    startStoppedNodes(context)
    expect(calls()).toEqual(done)
  })

  test.each<[string, string, object, string[]]>([
    ['are removed with their volumes and network', docker, {},
      [LIST, 'docker rm --force --volumes one two', 'docker network rm kind']],
    ['that do not exist leave the network', '', {}, [LIST, 'docker network rm kind']],
    ['that are not Kind\'s are not removed', docker, EXISTING_CLUSTER, []]
  ])('%s', (_, program, settings, done) => {
    const { context, calls } = fakePrograms({ docker: program }, settings)
    removeCluster(context)
    expect(calls()).toEqual(done)
  })
})

describe('interrupted Helm operations', () => {
  const NOW = 1_800_000_000
  const records = print(`guestbook young ${NOW - 999}\nmonitoring edge ${NOW - 1000}\n` +
    `monitoring old  ${NOW - 1001}\nargocd changed ${NOW - 1001} ${NOW - 1}\n`)
  const program = answer({ '*get secrets*': records, '*delete secret*': '' })
  const GET = 'get secrets --all-namespaces --selector owner=helm,status in (pending-install,' +
    'pending-upgrade,pending-rollback,uninstalling) --output jsonpath={range .items[*]}' +
    '{.metadata.namespace} {.metadata.name} {.metadata.labels.modifiedAt} ' +
    '{.metadata.labels.createdAt}{"\\n"}{end} --request-timeout=10s'

  test.each<[string, string, object, string[]]>([
    ['are dropped, all of them, where the state is this computer\'s', program, {},
      ['guestbook young', 'monitoring edge', 'monitoring old', 'argocd changed']],
    ['are dropped when older than 1000 s where the state is shared', program, REMOTE_STATE,
      ['monitoring old', 'argocd changed']],
    ['may be none', answer({ '*get secrets*': '' }), {}, []],
    ['are none that are known while the cluster does not answer', 'exit 1', {}, []]
  ])('%s', (_, script, settings, dropped) => {
    jest.spyOn(Date, 'now').mockReturnValue(NOW * 1000)
    const { context, infra, calls, kubectl } = fakePrograms({ kubectl: script }, settings)
    mkdirSync(folder(infra), { recursive: true })
    writeFileSync(context.kubeconfig, '')
    expect(clearPendingReleases(context)).toBe(dropped.length)
    expect(calls()).toEqual([
      `${kubectl} ${GET}`,
      ...dropped.map(record => `${kubectl} delete secret --namespace ${record}`)
    ])
  })

  test('are not searched without a kubeconfig', () => {
    const { context, calls } = fakePrograms({ kubectl: program })
    expect(clearPendingReleases(context)).toBe(0)
    expect(calls()).toEqual([])
  })
})
