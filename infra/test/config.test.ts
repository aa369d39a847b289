import { describe, expect, test } from '@jest/globals'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadConfig, ConfigError, environments, readOverrides } from '../src/config/load.ts'

const problemsOf = (overrides: unknown, environment = 'dev'): string => {
  try {
    loadConfig(environment, overrides)
  } catch (error) {
    if (error instanceof ConfigError) return error.message
    throw error
  }
  return 'no problem'
}

describe('the configuration', () => {
  test('is complete without a single setting: a Kind cluster with everything', () => {
    expect(loadConfig('dev')).toMatchObject({
      environment: 'dev',
      target: {
        type: 'kind',
        clusterName: 'guestbook',
        ports: { listenAddress: '127.0.0.1', http: 80, https: 443, guestbook: 30002 }
      },
      profile: 'small',
      ingress: { controller: 'traefik' },
      monitoring: { prometheus: true, grafana: true, traces: true, logs: 'promtail' },
      mongodb: { mode: 'replicaSet', members: 1 },
      delivery: { mode: 'helm' },
      state: { backend: 'local' }
    })
  })

  test.each(environments)('of %s is without contradictions', name => {
    expect(problemsOf({}, name)).toBe('no problem')
  })

  test('takes what local.yaml says above the environment, setting by setting', () => {
    expect(loadConfig('dev', { target: { ports: { http: 8080 } } }).target).toMatchObject({
      type: 'kind',
      ports: { http: 8080, https: 443 }
    })
  })

  test('begins anew where local.yaml chooses another kind of target', () => {
    expect(loadConfig('prod', { target: { type: 'kind', workers: 3 } }).target).toMatchObject({
      type: 'kind',
      workers: 3
    })
  })

  test('tells every problem at once', () => {
    expect(problemsOf({ profile: 'huge', replicas: 3 }).split('\n')).toHaveLength(3)
  })
})

describe('the configuration refuses', () => {
  const remote = { target: { type: 'context', context: 'there' } }
  test.each<[string, unknown, string]>([
    [
      'a setting that does not exist',
      { replicas: 3 },
      'replicas is not a setting; see docs/reference/deployment-settings.md'
    ],
    [
      'a setting that does not exist further inside',
      { target: { ports: { htttp: 80 } } },
      'target.ports.htttp is not a setting'
    ],
    [
      'text where a number belongs',
      { target: { ports: { http: '80' } } },
      'target.ports.http is "80": must be integer'
    ],
    [
      'a port beyond the last',
      { target: { ports: { http: 70000 } } },
      'target.ports.http is 70000'
    ],
    [
      'a target of another kind',
      { target: { type: 'vm' } },
      'target.type is "vm": it can be kind, context'
    ],
    [
      'a context without its name',
      { target: { type: 'context' }, images: { repository: 'r' } },
      'target.context is missing'
    ],
    [
      'an image without version',
      { target: { nodeImage: 'kindest/node' } },
      'target.nodeImage is "kindest/node": an image with tag or digest'
    ],
    [
      'a digest that is a tag',
      { images: { digests: { backend: 'v1' } } },
      'images.digests.backend is "v1": sha256: and 64 hex digits'
    ],
    [
      'a size without unit',
      { mongodb: { size: '8' } },
      'mongodb.size is "8": a size such as 8Gi'
    ],
    ['a replica set of two', { mongodb: { members: 2 } }, 'mongodb.members is 2'],
    [
      'a host with a port',
      { hosts: { grafana: 'grafana.localhost:80' } },
      'hosts.grafana is "grafana.localhost:80": a host name in lower case, without port'
    ],
    ['no host for the pages', { hosts: { guestbook: [] } }, 'hosts.guestbook is []'],
    [
      'a profile that does not exist',
      { profile: 'huge' },
      'profile is "huge": must be one of small, full'
    ],
    [
      'an address that is none',
      { alerts: { pagerdutyUrl: 'pagerduty' } },
      'alerts.pagerdutyUrl is "pagerduty": a URL'
    ],
    [
      'a registry with its scheme',
      { mirrors: { registry: 'https://registry.example' } },
      'mirrors.registry is "https://registry.example": a registry and path, without https://'
    ],
    [
      'an image name that a shell would read otherwise',
      { mirrors: { preload: ['a;b'] } },
      'mirrors.preload.0 is "a;b": an image'
    ],
    [
      'a database elsewhere without its networks',
      { mongodb: { mode: 'external' } },
      'mongodb.cidrs is missing'
    ],
    [
      'a Git repository that is none',
      { delivery: { mode: 'argocd', repository: 'here' } },
      'delivery.repository is "here": the URL of a Git repository'
    ],
    ['nothing where a section belongs', { monitoring: null }, 'monitoring is null'],
    [
      'a cluster elsewhere that could not see the images',
      remote,
      'set images.repository to a registry that it can pull from'
    ],
    [
      'images that nobody brings',
      { images: { build: false } },
      'without images.repository nobody brings the images'
    ],
    [
      'images of which nobody knows the tags',
      { images: { build: false, repository: 'r' } },
      'set images.tags or images.digests of backend and frontend'
    ],
    [
      'digests of images that are yet to be built',
      { images: { repository: 'r', digests: { backend: `sha256:${'d'.repeat(64)}` } } },
      'set images.build to false'
    ],
    [
      'one port for two things',
      { target: { ports: { http: 443 } } },
      'target.ports are 443, 443 and 30002: each needs a port of its own'
    ],
    [
      'three members on one node',
      { mongodb: { members: 3 } },
      'mongodb.members is 3, but only 1 node takes pods: losing one could lose the majority'
    ],
    [
      'three members on two workers',
      { target: { workers: 2 }, mongodb: { members: 3 } },
      'mongodb.members is 3, but only 2 nodes take pods: losing one could lose the majority'
    ],
    [
      'autoscaling beyond what a backend may be',
      { guestbook: { autoscaling: true, backendReplicas: 13 } },
      'guestbook.autoscaling goes up to four times the replicas: 12 at most'
    ],
    [
      'Argo CD without a registry',
      { delivery: { mode: 'argocd', repository: 'https://git.example/r' } },
      'Git names the images, so set images.repository'
    ],
    [
      'settings of a state that is kept here',
      { state: { settings: { bucket: 'b' } } },
      'state.settings belong to a remote state.backend'
    ],
    [
      'a remote state that is nowhere',
      { state: { backend: 's3' } },
      'state.settings must say where it is'
    ],
    [
      'a state behind HTTP without address',
      { state: { backend: 'http', settings: { lock_address: 'https://l.example' } } },
      'state.settings.address must be the URL'
    ],
    [
      "a credential in the state's settings",
      { state: { backend: 's3', settings: { bucket: 'b', secret_key: 'x' } } },
      'state.settings.secret_key would be a credential in a file'
    ],
    [
      "images copied into nodes that are not Kind's",
      { ...remote, images: { repository: 'r' }, mirrors: { preload: ['mongo:8.0'] } },
      'mirrors.preload is for Kind nodes'
    ],
    [
      'Grafana without Prometheus',
      { monitoring: { prometheus: false } },
      'need monitoring.prometheus, which is off'
    ],
    [
      'a pager without Grafana',
      { monitoring: { grafana: false }, alerts: { pagerdutyUrl: 'http://stub.example' } },
      'alerts.pagerdutyUrl needs monitoring.grafana, which is off'
    ]
  ])('%s', (_, overrides, problem) => {
    expect(problemsOf(overrides)).toContain(problem)
  })

  test('an environment that does not exist', () => {
    expect(problemsOf({}, 'production')).toContain(
      'ENVIRONMENT is "production", it can be dev, prod, staging'
    )
  })
})

describe('the file with local settings', () => {
  const withFile = (content: string, use: (path: string) => void) => {
    const folder = mkdtempSync(join(tmpdir(), 'guestbook-config-'))
    try {
      writeFileSync(join(folder, 'local.yaml'), content)
      use(join(folder, 'local.yaml'))
    } finally {
      rmSync(folder, { recursive: true })
    }
  }

  test('may be missing, unless it was named', () => {
    expect(readOverrides('/nowhere/local.yaml', false)).toEqual({})
    expect(() => readOverrides('/nowhere/local.yaml', true)).toThrow(
      'GUESTBOOK_CONFIG is "/nowhere/local.yaml", but there is no such file'
    )
  })

  test('may be empty', () => {
    withFile('# nothing yet\n', path => expect(readOverrides(path, true)).toEqual({}))
  })

  test('is refused when it is not YAML', () => {
    withFile('target: [', path =>
      expect(() => readOverrides(path, true)).toThrow(/local\.yaml is not YAML/)
    )
  })
})

test('a MongoDB elsewhere takes nothing over from the one in the cluster', () => {
  const mongodb = { mode: 'external', cidrs: ['10.1.0.0/16'] }
  expect(loadConfig('prod', { mongodb }).mongodb)
    .toEqual(mongodb)
})

test('lists are replaced, and what is undefined changes nothing', () => {
  const { hosts } = loadConfig('prod', { hosts: { guestbook: ['new.example'], grafana: undefined } })
  expect(hosts).toEqual({
    guestbook: ['new.example'],
    grafana: 'grafana.guestbook.example',
    prometheus: 'prometheus.guestbook.example'
  })
})

test.each([['production'], [''], ['Prod']])('there is no environment %j', name => {
  expect(() => loadConfig(name)).toThrow(
    `Invalid configuration:\n  - ENVIRONMENT is "${name}", it can be dev, prod, staging`)
})
