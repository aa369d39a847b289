import { describe, expect, test } from '@jest/globals'
import { createServer, type AddressInfo } from 'node:net'
import { examine, type Probes } from '../../cli/doctor/checks.ts'
import { report } from '../../cli/doctor/doctor.ts'
import { portTaken, versionIn } from '../../cli/doctor/probes.ts'
import { loadConfig } from '../../src/config/load.ts'

const GiB = 1024 ** 3
/** A computer on which nothing is in the way. */
const healthy: Probes = {
  docker: () => ({ memoryBytes: 8 * GiB, cpus: 4, architecture: 'x86_64' }),
  portTaken: async () => false,
  kernel: () => 1_000_000,
  freeBytes: () => 50 * GiB,
  version: () => '1.99.0',
  clusterContainers: () => ({ running: 0, stopped: 0 }),
  stateHasCluster: () => false,
  kubeContexts: () => ['there']
}

/** What is not in order, as `level name: found -> fix`. */
async function complaints (change: Partial<Probes>, overrides: unknown = {}): Promise<string[]> {
  const findings = await examine(loadConfig('dev', overrides), { ...healthy, ...change })
  return findings
    .filter(({ level }) => level !== 'ok')
    .map(({ level, name, found, fix }) => `${level} ${name}: ${found} -> ${fix}`)
}

const elsewhere = {
  target: { type: 'context', context: 'there' },
  images: { repository: 'registry.example' }
}

test('a computer that has everything is told so, check by check', async () => {
  const findings = await examine(loadConfig('dev'), healthy)
  expect(findings.map(({ name, level }) => `${name} ${level}`)).toEqual([
    'Docker ok',
    'Memory ok',
    'CPUs ok',
    'Disk ok',
    'terraform ok',
    'kubectl ok',
    'fs.inotify.max_user_instances ok',
    'fs.inotify.max_user_watches ok',
    'Cluster ok',
    'Port 80 ok',
    'Port 443 ok',
    'Port 30002 ok'
  ])
})

describe('the doctor finds, and tells in one line how to mend', () => {
  test.each<[string, Partial<Probes>, unknown, RegExp]>([
    [
      'Docker that does not answer',
      { docker: () => 'Cannot connect to the Docker daemon' },
      {},
      /^failure Docker: Cannot connect to the Docker daemon -> start Docker/
    ],
    [
      'an architecture without images',
      { docker: () => ({ memoryBytes: 8 * GiB, cpus: 4, architecture: 's390x' }) },
      {},
      /^failure Docker: runs on s390x -> use a computer with x86-64 or ARM64/
    ],
    [
      'too little memory',
      { docker: () => ({ memoryBytes: 4 * GiB, cpus: 4, architecture: 'arm64' }) },
      {},
      /^failure Memory: Docker has 4\.0 GiB, profile small needs 6 -> give Docker 6 GiB/
    ],
    [
      'too little memory for the larger profile',
      {},
      { profile: 'full' },
      /^failure Memory: Docker has 8\.0 GiB, profile full needs 14/
    ],
    [
      'a single CPU',
      { docker: () => ({ memoryBytes: 8 * GiB, cpus: 1, architecture: 'arm64' }) },
      {},
      /^warning CPUs: Docker has 1/
    ],
    [
      'too little disk',
      { freeBytes: () => 3 * GiB },
      {},
      /^failure Disk: 3\.0 GiB free, 15 needed -> free some: `docker system prune`/
    ],
    [
      'a program that is missing',
      { version: name => (name === 'terraform' ? undefined : '1.99.0') },
      {},
      /^failure terraform: is not on the PATH -> install Terraform 1\.11/
    ],
    [
      'a program that is too old',
      { version: name => (name === 'terraform' ? '1.9.8' : '1.99.0') },
      {},
      /^failure terraform: is 1\.9\.8, 1\.11\.0 needed -> install Terraform/
    ],
    [
      'a low limit of file watches',
      { kernel: name => (name.endsWith('instances') ? 128 : 200_000) },
      {},
      /^warning fs\.inotify\.max_user_instances: is 128.* -> sudo sysctl -w fs\.inotify\.max_user_instances=512/
    ],
    [
      'a port in use',
      { portTaken: async (_, port) => port === 80 },
      {},
      /^failure Port 80: is in use -> .*ss -ltnp 'sport = :80'.*target\.ports\.http/
    ],
    [
      'a cluster that the state does not know',
      { clusterContainers: () => ({ running: 1, stopped: 0 }) },
      {},
      /^failure Cluster: "guestbook" exists, and the state does not know it.* -> `make down` removes it/
    ],
    [
      'a cluster that is gone',
      { stateHasCluster: () => true },
      {},
      /^warning Cluster: "guestbook" is in the state, but gone -> `make up` and `make down` forget it/
    ],
    [
      'a cluster that stands still',
      { stateHasCluster: () => true, clusterContainers: () => ({ running: 0, stopped: 2 }) },
      {},
      /^warning Cluster: 2 nodes of "guestbook" stopped -> `make up` starts them/
    ],
    [
      'a kubeconfig that is missing',
      { kubeContexts: () => undefined },
      elsewhere,
      /^failure Kubeconfig: ~\/\.kube\/config is missing -> set target\.kubeconfig/
    ],
    [
      'a context that is not in it',
      { kubeContexts: () => ['here'] },
      elsewhere,
      /^failure Context: "there" is not in ~\/\.kube\/config, which has here -> set target\.context/
    ]
  ])('%s', async (_, change, overrides, complaint) => {
    expect(await complaints(change, overrides)).toEqual([expect.stringMatching(complaint)])
  })
})

test('the doctor asks for no ports while the cluster itself holds them', async () => {
  expect(
    await complaints({
      portTaken: async () => true,
      clusterContainers: () => ({ running: 1, stopped: 0 }),
      stateHasCluster: () => true
    })
  ).toEqual([])
})

test('the doctor asks for less disk when the cluster is there', async () => {
  expect(
    await complaints({
      freeBytes: () => 4 * GiB,
      clusterContainers: () => ({ running: 1, stopped: 0 }),
      stateHasCluster: () => true
    })
  ).toEqual([])
})

test('the doctor does without kernel limits where the kernel has none', async () => {
  expect(await complaints({ kernel: () => undefined })).toEqual([])
})

test('a report has one line for each finding, and one for what mends it', () => {
  expect(
    report([
      { name: 'Docker', level: 'ok', found: 'answers' },
      { name: 'Disk', level: 'failure', found: 'full', fix: 'free some' }
    ])
  ).toBe('  ok      Docker: answers\n  FAILED  Disk: full\n          -> free some')
})

test('a port is taken exactly while somebody listens', async () => {
  const server = createServer()
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  expect(await portTaken('127.0.0.1', port)).toBe(true)
  await new Promise(resolve => server.close(resolve))
  expect(await portTaken('127.0.0.1', port)).toBe(false)
})

test.each([
  ['{"terraform_version": "1.11.4"}', '1.11.4'],
  ['{"clientVersion": {"gitVersion": "v1.34.4"}}', '1.34.4'],
  [undefined, undefined]
])('the version in %s is %s', (text, version) => {
  expect(versionIn(text)).toBe(version)
})
