/** What `make down` removes, and how what an interrupted or lost deployment left is recovered. */
import { afterEach, describe, expect, jest, test } from '@jest/globals'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  clearPendingReleases, truncateStates, discardStaleState, removeCluster, startStoppedNodes
} from '../../cli/recovery.ts'
import { down } from '../../cli/down.ts'
import { answer, print, standIns, type StandIns } from './stand-ins.ts'

let stage: StandIns | undefined
afterEach(() => {
  stage?.end()
  stage = undefined
  jest.restoreAllMocks()
})
const begin = (...options: Parameters<typeof standIns>) => (stage = standIns(...options))
const there = {
  target: { type: 'context', context: 'there', kubeconfig: '/nowhere/config' },
  images: { repository: 'r' }
}
const remote = { state: { backend: 's3', settings: { bucket: 'b' } } }
const KNOWN = '{"resources": [{ "type": "kind_cluster" }]}'
const FILTER = '--filter label=io.x-k8s.kind.cluster=guestbook'
const [COUNT, LIST] = [`docker ps --all ${FILTER} --format {{.State}}`,
  `docker ps --all --quiet ${FILTER}`]
const STOPPED = `docker ps --quiet --filter status=exited ${FILTER}`

const STATES = ['cluster', 'platform', 'guestbook']
  .flatMap(stack => [`${stack}.tfstate`, `${stack}.tfstate.backup`])
const folder = (infra: string, environment = 'dev') => join(infra, 'state', environment)
function writeStates (infra: string, environment = 'dev'): void {
  mkdirSync(folder(infra, environment), { recursive: true })
  for (const file of [...STATES, 'other']) {
    writeFileSync(join(folder(infra, environment), file), KNOWN)
  }
}
/** Files of the state that are not empty. */
const kept = (infra: string, environment = 'dev') => [...STATES, 'other']
  .filter(file => readFileSync(join(folder(infra, environment), file), 'utf8') !== '')
const said = () => stage!.said.map(line => line.replace(/^\[\d+:\d\d\] /, ''))
const message = async (run: () => Promise<unknown>) =>
  await run().then(() => 'fine', error => (error as Error).message)

/** Docker that has nodes until they are removed: one of the cluster stopped, one running. */
const docker = answer({
  '*{{.State}}': '[ -e removed ] || printf "running\\nexited\\n"',
  '*status=exited*': 'echo two',
  'ps --all --quiet*': 'printf "one\\ntwo\\n"',
  'rm *': 'touch removed',
  'network *': '',
  'start *': ''
})

describe('make down', () => {
  const destroyed = 'touch removed\necho "cluster  kind_cluster.cluster: Destroying..."'
  const failing = 'printf "Error: one\\ntwo\\nthree\\nfour\\n"\nexit 1'

  test('lets Terraform remove everything from Kind, and asks nobody', async () => {
    const { context, infra, calls } = begin({ cdktf: destroyed, docker, kubectl: 'echo a b 1' })
    writeStates(infra)
    writeFileSync(context.kubeconfig, '')
    await down(context)
    expect(calls()).toEqual([COUNT, STOPPED, 'docker start two',
      expect.stringMatching(/^kubectl .* get secrets /),
      expect.stringMatching(/^kubectl .* delete secret --namespace a b$/),
      'cdktf destroy * --auto-approve', COUNT])
    expect(said()).toEqual(['cluster: removing cluster (cluster)', 'nothing is left'])
    expect(kept(infra)).toEqual([...STATES, 'other'])
  })

  test('has Docker remove what Terraform cannot, and forgets the state', async () => {
    const { context, infra, calls } = begin({ cdktf: failing, docker, kubectl: 'exit 1' })
    writeStates(infra)
    writeStates(infra, 'staging')
    await down(context)
    expect(calls().slice(3)).toEqual(['cdktf destroy * --auto-approve', LIST,
      'docker rm --force --volumes one two', 'docker network rm kind', COUNT])
    expect(said()).toEqual([
      'Terraform could not remove everything, Docker does it: ' +
        'cdktf destroy * --auto-approve failed.   Error: one   two',
      'nothing is left'
    ])
    expect(kept(infra)).toEqual(['other'])
    expect(kept(infra, 'staging')).toEqual([...STATES, 'other'])
  })

  test.each([
    ['runs', docker], ['stands still', docker.replace('running\\n', '')]
  ])('removes a cluster that the state did not know, and that %s', async (_, program) => {
    const { context, infra, calls } = begin({ cdktf: '', docker: program, kubectl: 'exit 1' })
    writeStates(infra)
    await down(context)
    expect(calls().slice(3)).toEqual(['cdktf destroy * --auto-approve', COUNT, LIST,
      'docker rm --force --volumes one two', 'docker network rm kind'])
    expect(said()).toEqual(['a cluster that the state did not know is removed', 'nothing is left'])
  })

  test('forgets a cluster that is gone already', async () => {
    const { context, infra, calls } = begin({ cdktf: '', docker: '', kubectl: 'exit 1' })
    writeStates(infra)
    await down(context)
    expect(calls()).toEqual([COUNT, STOPPED, 'cdktf destroy * --auto-approve', COUNT])
    expect(said()).toEqual(
      ['the cluster is gone already: its state is forgotten', 'nothing is left'])
    expect(kept(infra)).toEqual(['other'])
  })

  test('of an existing cluster, confirmed, touches no Docker and tells what stays', async () => {
    const { context, calls } = begin({ cdktf: '', docker, kubectl: '' }, there,
      { ENVIRONMENT: 'staging', CONFIRM: 'staging' })
    await down(context)
    expect(calls()).toEqual(['cdktf destroy * --auto-approve'])
    expect(said()).toEqual(['nothing is left but what Helm never removes: definitions of kinds ' +
      '(kubectl get crd), which others may use'])
  })

  test('of an existing cluster fails as Terraform does', async () => {
    const { context, infra, calls } = begin({ cdktf: failing, docker, kubectl: '' }, there,
      { ENVIRONMENT: 'prod', CONFIRM: 'prod' })
    writeStates(infra, 'prod')
    expect(await message(async () => await down(context)))
      .toBe('cdktf destroy * --auto-approve failed.\n  Error: one\n  two\n  three\n  four')
    expect(calls()).toEqual(['cdktf destroy * --auto-approve'])
    expect(kept(infra, 'prod')).toEqual([...STATES, 'other'])
  })

  test.each(['dev', 'staging', 'prod'])(
    'of an existing cluster as %s asks for its name', async environment => {
      for (const CONFIRM of [undefined, '', 'yes', 'true', ' prod', 'there', 'guestbook']) {
        const { context, calls, end } = begin({ cdktf: '', docker, kubectl: '' }, there,
          { ENVIRONMENT: environment, ...(CONFIRM !== undefined && { CONFIRM }) })
        expect(await message(async () => await down(context))).toBe(
          'This removes the guestbook and all its messages from "there". If that is meant: ' +
          `CONFIRM=${environment} make down ENVIRONMENT=${environment}`)
        expect(calls()).toEqual([])
        end()
      }
    })
})

describe('a lost cluster', () => {
  test.each<[string, boolean, string, object, string]>([
    ['is forgotten when neither Docker nor anybody has it', true, '', {}, KNOWN],
    ['is not forgotten while a node runs', false, 'echo running', {}, KNOWN],
    ['is not forgotten while a node stands still', false, 'echo exited', {}, KNOWN],
    ['is not there when the state has none', false, '', {}, '{"resources": []}'],
    ['is not forgotten in a state that others share', false, '', remote, KNOWN],
    ['is not forgotten where the cluster is not Kind\'s', false, '', there, KNOWN]
  ])('%s', (_, forgotten, program, settings, content) => {
    const { context, infra } = begin({ docker: program }, settings)
    writeStates(infra)
    writeFileSync(join(folder(infra), 'cluster.tfstate'), content)
    expect(discardStaleState(context)).toBe(forgotten)
    expect(kept(infra)).toEqual(forgotten ? ['other'] : [...STATES, 'other'])
  })

  test('is forgotten where a state file is missing, which stays so', () => {
    const { context, infra } = begin({})
    mkdirSync(folder(infra), { recursive: true })
    truncateStates(context)
    expect(existsSync(join(folder(infra), 'cluster.tfstate'))).toBe(false)
  })
})

describe('nodes', () => {
  test.each<[string, string, object, string[]]>([
    ['that stopped are started', docker, {}, [STOPPED, 'docker start two']],
    ['that run are left alone', '', {}, [STOPPED]],
    ['are Kind\'s alone', docker, there, []]
  ])('%s', (_, program, settings, done) => {
    const { context, calls } = begin({ docker: program }, settings)
    startStoppedNodes(context)
    expect(calls()).toEqual(done)
  })

  test.each<[string, string, object, string[]]>([
    ['are removed with their volumes and network', docker, {},
      [LIST, 'docker rm --force --volumes one two', 'docker network rm kind']],
    ['that are gone leave the network', '', {}, [LIST, 'docker network rm kind']],
    ['that are not Kind\'s are not removed', docker, there, []]
  ])('%s', (_, program, settings, done) => {
    const { context, calls } = begin({ docker: program }, settings)
    removeCluster(context)
    expect(calls()).toEqual(done)
  })
})

describe('interrupted Helm operations', () => {
  const NOW = 1_800_000_000
  const records = print(`guestbook young ${NOW - 999}\nmonitoring edge ${NOW - 1000}\n` +
    `monitoring old  ${NOW - 1001}\nargocd changed ${NOW - 1001} ${NOW - 1}\n`)
  const kubectl = answer({ '*get secrets*': records, '*delete secret*': '' })
  const GET = 'get secrets --all-namespaces --selector owner=helm,status in (pending-install,' +
    'pending-upgrade,pending-rollback,uninstalling) --output jsonpath={range .items[*]}' +
    '{.metadata.namespace} {.metadata.name} {.metadata.labels.modifiedAt} ' +
    '{.metadata.labels.createdAt}{"\\n"}{end} --request-timeout=10s'

  test.each<[string, string, object, string[]]>([
    ['are dropped, all of them, where the state is this computer\'s', kubectl, {},
      ['guestbook young', 'monitoring edge', 'monitoring old', 'argocd changed']],
    ['are dropped when older than 1000 s where the state is shared', kubectl, remote,
      ['monitoring old', 'argocd changed']],
    ['may be none', answer({ '*get secrets*': '' }), {}, []],
    ['are none that are known while the cluster does not answer', 'exit 1', {}, []]
  ])('%s', (_, program, settings, dropped) => {
    jest.spyOn(Date, 'now').mockReturnValue(NOW * 1000)
    const { context, infra, calls } = begin({ kubectl: program }, settings)
    mkdirSync(folder(infra), { recursive: true })
    writeFileSync(context.kubeconfig, '')
    const at = `kubectl --kubeconfig ${context.kubeconfig} --context kind-guestbook`
    expect(clearPendingReleases(context)).toBe(dropped.length)
    expect(calls()).toEqual([
      `${at} ${GET}`, ...dropped.map(record => `${at} delete secret --namespace ${record}`)
    ])
  })

  test('are not looked for without a kubeconfig', () => {
    const { context, calls } = begin({ kubectl })
    expect(clearPendingReleases(context)).toBe(0)
    expect(calls()).toEqual([])
  })
})
