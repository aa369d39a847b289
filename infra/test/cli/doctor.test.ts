/** The bounds of every check of the doctor, and the texts of its findings. */
import { afterEach, describe, expect, jest, test } from '@jest/globals'
import type { Probes } from '../../cli/doctor/checks.ts'
import { loadConfig } from '../../src/config/load.ts'
import { EXISTING_CLUSTER, fakePrograms } from './fake-programs.ts'

const GiB = 1024 ** 3
const machine = { memoryBytes: 6 * GiB, cpus: 2, architecture: 'x86_64' }
/** A computer with exactly as much as a deployment needs. */
const enough: Probes = {
  docker: () => machine,
  portTaken: async () => false,
  kernel: name => name === 'fs.inotify.max_user_instances' ? 512 : 100_000,
  freeBytes: () => 15 * GiB,
  version: program => program === 'terraform' ? '1.11.0' : '1.25.0',
  clusterContainers: () => ({ running: 0, stopped: 0 }),
  stateHasCluster: () => false,
  kubeContexts: () => ['there']
}
let probes = enough
jest.unstable_mockModule('../../cli/doctor/probes.ts', () => ({ probesOf: () => probes }))
const { doctor, report } = await import('../../cli/doctor/doctor.ts')
const { runChecks } = await import('../../cli/doctor/checks.ts')

afterEach(() => { probes = enough })

const docker = (change: object) => ({ docker: () => ({ ...machine, ...change }) })
const RUNNING = {
  clusterContainers: () => ({ running: 1, stopped: 0 }), stateHasCluster: () => true
}
const UNBUILT = {
  ...EXISTING_CLUSTER,
  images: { repository: 'r', build: false, tags: { backend: '1', frontend: '1' } }
}
const of = (program: string, version: string | undefined) =>
  ({ version: (name: string) => name === program ? version : '9.9.9' })
const TERRAFORM = 'install Terraform 1.11 or newer: ' +
  'https://developer.hashicorp.com/terraform/install'
const KUBECTL = 'install kubectl: https://kubernetes.io/docs/tasks/tools'

async function findings (change: Partial<Probes>, overrides: unknown) {
  const found = await runChecks(loadConfig('dev', overrides), { ...enough, ...change })
  return found.map(({ level, name, found, fix }) =>
    `${level} ${name}: ${found}${fix ? ` -> ${fix}` : ''}`)
}

const EVERYTHING = [
  'ok Docker: running on x86_64',
  'ok Memory: 6.0 GiB, 6 needed',
  'ok CPUs: 2',
  'ok Disk: 15 GiB free',
  'ok terraform: 1.11.0',
  'ok kubectl: 1.25.0',
  'ok fs.inotify.max_user_instances: 512',
  'ok fs.inotify.max_user_watches: 100000',
  'ok Cluster: none yet',
  'ok Port 80: free',
  'ok Port 443: free',
  'ok Port 30002: free'
]

test('a computer with exactly enough passes all checks', async () => {
  expect(await findings({}, {})).toEqual(EVERYTHING)
})

test('an existing cluster needs the programs, Docker to build, and its context', async () => {
  const programs = ['ok terraform: 1.11.0', 'ok kubectl: 1.25.0']
  expect(await findings({}, EXISTING_CLUSTER))
    .toEqual([...programs, EVERYTHING[0], 'ok Context: there'])
  expect(await findings({}, UNBUILT)).toEqual([...programs, 'ok Context: there'])
})

test('without Docker only the programs are checked as well', async () => {
  expect(await findings({ docker: () => 'no daemon' }, {})).toEqual([
    'failure Docker: no daemon -> start Docker and give this user access: ' +
    'https://docs.docker.com/engine/install',
    'ok terraform: 1.11.0',
    'ok kubectl: 1.25.0'
  ])
})

describe('the doctor reports', () => {
  const RAM = (needed: number) =>
    `give Docker ${needed} GiB or more (Docker Desktop: Settings, Resources)`
  const PRUNE = 'free disk space: `docker system prune` removes unused data of Docker'
  const nodes = (running: number, stopped: number, stateHasCluster: boolean) => ({
    clusterContainers: () => ({ running, stopped }), stateHasCluster: () => stateHasCluster
  })
  const contexts = (...names: string[]) => ({ kubeContexts: () => names })

  test.each<[string, Partial<Probes>, object, string[]]>([
    ['a byte of memory too little', docker({ memoryBytes: 6 * GiB - 1 }), {},
      [`failure Memory: Docker has 6.0 GiB, profile small needs 6 -> ${RAM(6)}`]],
    ['a byte too little for the profile full', docker({ memoryBytes: 14 * GiB - 1 }),
      { profile: 'full' },
      [`failure Memory: Docker has 14.0 GiB, profile full needs 14 -> ${RAM(14)}`]],
    ['no memory that is enough for the profile full', docker({ memoryBytes: 14 * GiB }),
      { profile: 'full' }, []],
    ['one CPU', docker({ cpus: 1 }), {},
      ['warning CPUs: Docker has 1, so deployments are slow -> give Docker 2 CPUs or more']],
    ...['amd64', 'aarch64', 'arm64'].map((architecture): [string, object, object, string[]] =>
      [`nothing on ${architecture}`, docker({ architecture }), {}, []]),
    ['another architecture', docker({ architecture: 'riscv64' }), EXISTING_CLUSTER,
      ['failure Docker: runs on riscv64 -> use a computer with x86-64 or ARM64: ' +
        'images exist only for these']],
    ['a byte of disk too little', { freeBytes: () => 15 * GiB - 1 }, {},
      [`failure Disk: 15.0 GiB free, 15 needed -> ${PRUNE}`]],
    ['nothing with 3 GiB beside a cluster', { ...RUNNING, freeBytes: () => 3 * GiB }, {}, []],
    ['a byte less beside a cluster', { ...RUNNING, freeBytes: () => 3 * GiB - 1 }, {},
      [`failure Disk: 3.0 GiB free, 3 needed -> ${PRUNE}`]],
    ['an old Terraform', of('terraform', '1.10.9'), {},
      [`failure terraform: version 1.10.9, 1.11.0 needed -> ${TERRAFORM}`]],
    ['a very old Terraform', of('terraform', '0.15.0'), {},
      [`failure terraform: version 0.15.0, 1.11.0 needed -> ${TERRAFORM}`]],
    ['no newer Terraform', of('terraform', '2.0.0'), {}, []],
    ['an old kubectl', of('kubectl', '1.24.17'), EXISTING_CLUSTER,
      [`failure kubectl: version 1.24.17, 1.25.0 needed -> ${KUBECTL}`]],
    ['no kubectl', of('kubectl', undefined), UNBUILT,
      [`failure kubectl: not on the PATH -> ${KUBECTL}`]],
    ['limits of the kernel that are one too low',
      { kernel: name => name.endsWith('instances') ? 511 : 99_999 }, {}, [
        'warning fs.inotify.max_user_instances: 511; pods of a large cluster need 512 or more -> ' +
          'sudo sysctl -w fs.inotify.max_user_instances=512',
        'warning fs.inotify.max_user_watches: 99999; pods of a large cluster need 100000 or ' +
          'more -> sudo sysctl -w fs.inotify.max_user_watches=100000'
      ]],
    ['nothing where the kernel has no such limits', { kernel: () => undefined }, {}, []],
    ...([['http', 80], ['https', 443], ['guestbook', 30002]] as const)
      .map(([setting, port]): [string, Partial<Probes>, object, string[]] => [
        `port ${port} in use`,
        { portTaken: async (address, one) => address === '127.0.0.1' && one === port },
        {},
        [`failure Port ${port}: in use -> stop the program that uses it (sudo ss -ltnp ` +
          `'sport = :${port}'), or set target.ports.${setting} in infra/local.yaml`]
      ]),
    ['a stopped cluster that is not in the state', nodes(0, 1, false), {},
      ['failure Cluster: "guestbook" exists but is not in Terraform\'s state: it is incomplete, ' +
        'or the state is lost -> run `make down` to remove it with its messages, or set another ' +
        'target.clusterName']],
    ['a cluster that does not exist', nodes(0, 0, true), {},
      ['warning Cluster: "guestbook" is in Terraform\'s state but does not exist -> `make up` ' +
        'and `make down` discard the state']],
    ['one node that stopped', nodes(1, 1, true), {},
      ['warning Cluster: "guestbook" has 1 stopped node -> `make up` starts them']],
    ['two nodes that stopped', nodes(0, 2, true), {},
      ['warning Cluster: "guestbook" has 2 stopped nodes -> `make up` starts them']],
    ['a missing kubeconfig', { kubeContexts: () => undefined }, EXISTING_CLUSTER,
      ['failure Kubeconfig: /nowhere/config does not exist -> ' +
        'set target.kubeconfig in infra/local.yaml']],
    ['a kubeconfig without contexts', contexts(), EXISTING_CLUSTER,
      ['failure Context: "there" is not in /nowhere/config, which has no contexts -> ' +
        'set target.context in infra/local.yaml']],
    ['another context', contexts('here', 'where'), EXISTING_CLUSTER,
      ['failure Context: "there" is not in /nowhere/config, which has here, where -> ' +
        'set target.context in infra/local.yaml']]
  ])('%s', async (_, change, overrides, problems) => {
    const found = await findings(change, overrides)
    expect(found.filter(line => !line.startsWith('ok'))).toEqual(problems)
  })
})

test('the ports of a running cluster are not checked', async () => {
  const found = await findings({ ...RUNNING, portTaken: async () => true }, {})
  expect(found.slice(-1)).toEqual(['ok Cluster: "guestbook" is running'])
})

test('a report has one line for each finding, and one for its fix', () => {
  expect(report([
    { name: 'Docker', level: 'ok', found: 'running' },
    { name: 'Disk', level: 'failure', found: 'full', fix: 'free disk space' }
  ])).toBe('  ok      Docker: running\n  FAILED  Disk: full\n          -> free disk space')
})

describe('make doctor', () => {
  const run = async (change: Partial<Probes>) => {
    const { context, output } = fakePrograms({})
    probes = { ...enough, ...change }
    return { failure: await doctor(context).catch(error => error.message), output }
  }

  test('prints each finding and succeeds with warnings', async () => {
    const { failure, output } = await run(docker({ cpus: 1 }))
    expect(failure).toBeUndefined()
    expect(output.slice(1, 4)).toEqual([
      '  ok      Memory: 6.0 GiB, 6 needed',
      '  warning CPUs: Docker has 1, so deployments are slow',
      '          -> give Docker 2 CPUs or more'
    ])
    expect(output).toHaveLength(13)
  })

  test.each<[Partial<Probes>, string]>([
    [{ freeBytes: () => 0 }, '1 check'], [{ portTaken: async () => true }, '3 checks']
  ])('fails with the number of failures', async (change, count) => {
    const { failure, output } = await run(change)
    expect(failure).toBe(`doctor: ${count} failed; the lines with -> say how to fix them.`)
    expect(output.filter(line => line.startsWith('  FAILED '))).toHaveLength(Number(count[0]))
  })
})
