/** Every bound of every setting: what is rejected, with which message, and what is accepted. */
import { describe, expect, test } from '@jest/globals'
import { loadConfig, ConfigError } from '../src/config/load.ts'

const existing = (more: object) => ({
  target: { type: 'context', context: 'there', ...more }, images: { repository: 'r.example' }
})
const external = (cidrs: unknown) => ({ mongodb: { mode: 'external', cidrs } })
const git = (more: object) => ({
  images: { repository: 'r.example' },
  delivery: { mode: 'argocd', repository: 'https://git.example/r', ...more }
})
const built = (images: object) => ({ images: { build: false, ...images } })
const repository = 'r.example'
const [DIGEST, LONG] = [`sha256:${'d'.repeat(64)}`, 'a'.repeat(42)]
const NAME = 'lower-case letters, digits, dots and dashes'
const HOST = 'a host name in lower case, without port'
const REGISTRY = 'a registry and path, without https://'
const EMPTY = 'must NOT have fewer than 1 characters'
const NO_BOOLEAN = 'must be boolean'
const small = (least: number) => `must be >= ${least}`
const big = (most: number) => `must be <= ${most}`
const FRACTION = 'must be integer'

function problemsOf (overrides: unknown): string[] {
  try {
    loadConfig('dev', overrides)
    return []
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    const [title, ...problems] = error.message.split('\n')
    expect(title).toBe('Invalid configuration:')
    return problems.map(problem => problem.replace(/^ {2}- /, ''))
  }
}

test.each<[unknown, string]>([
  [null, 'the configuration is null: must be object'],
  [[], 'the configuration is []: must be object'],
  [{ target: null }, 'target is null: must be object'],
  [{ monitoring: null }, 'monitoring is null: must be object'],
  [{ target: { type: 'vm' } }, 'target.type is "vm": it can be kind, context'],
  [{ target: { type: 'context' }, images: { repository: 'r' } },
    'target.context is missing: Context in it.'],
  [{ mongodb: { mode: 'external' } }, 'mongodb.cidrs is missing: Networks of its servers; ' +
    'the backend may reach no others.'],
  [{ target: { clusterName: 'Book' } }, `target.clusterName is "Book": ${NAME}`],
  [{ target: { clusterName: '-a' } }, `target.clusterName is "-a": ${NAME}`],
  [{ target: { clusterName: LONG } }, `target.clusterName is "${LONG}": ${NAME}`],
  [{ target: { nodeImage: 'registry:5000/node' } },
    'target.nodeImage is "registry:5000/node": an image with tag or digest'],
  [{ target: { workers: -1 } }, `target.workers is -1: ${small(0)}`],
  [{ target: { workers: 10 } }, `target.workers is 10: ${big(9)}`],
  [{ target: { workers: 1.5 } }, `target.workers is 1.5: ${FRACTION}`],
  [{ target: { ports: { http: '80' } } }, 'target.ports.http is "80": must be integer'],
  [{ target: { ports: { http: 0 } } }, `target.ports.http is 0: ${small(1)}`],
  [{ target: { ports: { https: 65536 } } }, `target.ports.https is 65536: ${big(65535)}`],
  [{ target: { ports: { guestbook: 1.5 } } }, `target.ports.guestbook is 1.5: ${FRACTION}`],
  [{ target: { ports: { listenAddress: 'localhost' } } },
    'target.ports.listenAddress is "localhost": an IP address'],
  [existing({ kubeconfig: '' }), `target.kubeconfig is "": ${EMPTY}`],
  [existing({ context: '' }), `target.context is "": ${EMPTY}`],
  [existing({ loadBalancer: 'yes' }), `target.loadBalancer is "yes": ${NO_BOOLEAN}`],
  [existing({ metricsServer: 'on' }),
    'target.metricsServer is "on": must be one of verified, unverified, off'],
  [{ mongodb: { members: 4 } }, 'mongodb.members is 4: must be one of 1, 3, 5'],
  [{ mongodb: { size: '8G' } }, 'mongodb.size is "8G": a size such as 8Gi'],
  [{ mongodb: { size: 'Gi' } }, 'mongodb.size is "Gi": a size such as 8Gi'],
  [{ mongodb: { size: '8Gi ' } }, 'mongodb.size is "8Gi ": a size such as 8Gi'],
  [{ mongodb: { backup: 'yes' } }, `mongodb.backup is "yes": ${NO_BOOLEAN}`],
  [{ mongodb: { mode: 'none' } }, 'mongodb.mode is "none": it can be replicaSet, external'],
  [external([]), 'mongodb.cidrs is []: must NOT have fewer than 1 items'],
  [external(['10.1.0.0']), 'mongodb.cidrs.0 is "10.1.0.0": a network such as 10.1.0.0/16'],
  [external(['db.example/16']),
    'mongodb.cidrs.0 is "db.example/16": a network such as 10.1.0.0/16'],
  [{ images: { repository: 'https://r' } }, `images.repository is "https://r": ${REGISTRY}`],
  [{ images: { build: 'no' } }, `images.build is "no": ${NO_BOOLEAN}`],
  [{ images: { tags: { backend: '' } } }, `images.tags.backend is "": ${EMPTY}`],
  [{ images: { tags: { frontend: '' } } }, `images.tags.frontend is "": ${EMPTY}`],
  [{ images: { digests: { frontend: `${DIGEST}d` } } },
    `images.digests.frontend is "${DIGEST}d": sha256: and 64 hex digits`],
  [{ mirrors: { registry: 'r example' } }, `mirrors.registry is "r example": ${REGISTRY}`],
  [{ mirrors: { charts: '' } }, `mirrors.charts is "": ${EMPTY}`],
  [{ mirrors: { chartRepositories: { loki: '' } } },
    `mirrors.chartRepositories.loki is "": ${EMPTY}`],
  [{ images: { digests: { backend: 'v1' } } },
    'images.digests.backend is "v1": sha256: and 64 hex digits'],
  [{ mirrors: { preload: ['a;b'] } }, 'mirrors.preload.0 is "a;b": an image'],
  [{ mirrors: { preload: ['mongo 8'] } }, 'mirrors.preload.0 is "mongo 8": an image'],
  [{ profile: 'large' }, 'profile is "large": must be one of small, full'],
  [{ ingress: { controller: 'haproxy' } },
    'ingress.controller is "haproxy": must be one of traefik, nginx'],
  [{ hosts: { guestbook: [] } },
    'hosts.guestbook is []: must NOT have fewer than 1 items'],
  [{ hosts: { guestbook: ['Book.example'] } }, `hosts.guestbook.0 is "Book.example": ${HOST}`],
  [{ hosts: { grafana: 'g.example.' } }, `hosts.grafana is "g.example.": ${HOST}`],
  [{ hosts: { prometheus: 'p_1' } }, `hosts.prometheus is "p_1": ${HOST}`],
  ...['prometheus', 'grafana', 'traces'].map((part): [unknown, string] =>
    [{ monitoring: { [part]: 1 } }, `monitoring.${part} is 1: ${NO_BOOLEAN}`]),
  [{ monitoring: { logs: 'fluentd' } },
    'monitoring.logs is "fluentd": must be one of promtail, alloy, off'],
  ...['pagerdutyUrl', 'runbookBaseUrl'].map((url): [unknown, string] =>
    [{ alerts: { [url]: 'u' } }, `alerts.${url} is "u": a URL such as https://example.com`]),
  ...['backendReplicas', 'frontendReplicas'].flatMap((setting): Array<[unknown, string]> => [
    [{ guestbook: { [setting]: 0 } }, `guestbook.${setting} is 0: ${small(1)}`],
    [{ guestbook: { [setting]: 51 } }, `guestbook.${setting} is 51: ${big(50)}`],
    [{ guestbook: { [setting]: 1.5 } }, `guestbook.${setting} is 1.5: ${FRACTION}`]
  ]),
  ...['autoscaling', 'faultSwitch'].map((setting): [unknown, string] =>
    [{ guestbook: { [setting]: 1 } }, `guestbook.${setting} is 1: ${NO_BOOLEAN}`]),
  [{ delivery: { mode: 'flux' } }, 'delivery.mode is "flux": it can be helm, argocd'],
  [git({ repository: 'git@x:y' }), 'delivery.repository is "git@x:y": the URL of a Git repository'],
  [git({ revision: '' }), `delivery.revision is "": ${EMPTY}`],
  [{ state: { backend: 'swift' } }, 'state.backend is "swift": ' +
    'must be one of local, s3, gcs, azurerm, http, pg, consul'],
  [{ state: { backend: 's3', settings: { bucket: {} } } },
    'state.settings.bucket is {}: text, a number, true or false'],
  ...([
    ['typo', {}], ['target.typo', {}], ['target.typo', existing({})], ['target.ports.typo', {}],
    ['images.typo', {}], ['images.tags.typo', {}], ['images.digests.typo', {}],
    ['mirrors.typo', {}], ['ingress.typo', {}], ['hosts.typo', {}], ['monitoring.typo', {}],
    ['alerts.typo', {}], ['mongodb.typo', {}], ['mongodb.typo', external(['10.1.0.0/16'])],
    ['guestbook.typo', {}], ['delivery.typo', {}], ['delivery.typo', git({})], ['state.typo', {}]
  ] as Array<[string, any]>).map(([path, base]): [unknown, string] => {
    const settings = structuredClone(base)
    const keys = path.split('.')
    keys.reduce((inner, key, at) => (inner[key] ??= at === keys.length - 1 ? 1 : {}), settings)
    return [settings, `${path} is not a setting; see docs/reference/deployment-settings.md`]
  })
])('the settings %j are rejected: %s', (overrides, problem) => {
  expect(problemsOf(overrides)).toEqual([problem])
})

describe('settings that exclude each other', () => {
  const MAJORITY = 'pods: the loss of one could lose the majority. ' +
    'Set target.workers to the number of members, or fewer members'
  const SCALING = 'guestbook.autoscaling scales to four times the replicas: set 12 or fewer'
  const TAGS = 'images.build is false: set images.tags or images.digests of backend and frontend ' +
    'to those in the repository'
  const FOREIGN =
    'images.digests name images in the repository, but a deployment builds new ones: ' +
    'set images.build to false'
  const PROMETHEUS = 'monitoring.grafana and monitoring.traces need monitoring.prometheus, ' +
    'which is off'

  test.each<[unknown, string]>([
    [{ target: { type: 'context', context: 'there' } },
      'target.type is "context", and an existing cluster cannot pull images of this computer: ' +
        'set images.repository to a registry that it can pull from'],
    [built({}),
      'images.build is false, and without images.repository there are no images: ' +
        'set one of them'],
    [built({ repository, tags: { backend: '1' } }), TAGS],
    [built({ repository, tags: { frontend: '1' } }), TAGS],
    [built({ repository, digests: { backend: DIGEST } }), TAGS],
    [{ images: { digests: { backend: DIGEST } } }, FOREIGN],
    [{ images: { digests: { frontend: DIGEST } } }, FOREIGN],
    [{ target: { ports: { http: 443 } } },
      'target.ports are 443, 443 and 30002: each needs a different port'],
    [{ target: { ports: { guestbook: 80 } } },
      'target.ports are 80, 443 and 80: each needs a different port'],
    [{ target: { ports: { https: 30002 } } },
      'target.ports are 80, 30002 and 30002: each needs a different port'],
    [{ target: { workers: 1 }, mongodb: { members: 3 } },
      `mongodb.members is 3, but only 1 node runs ${MAJORITY}`],
    [{ target: { workers: 2 }, mongodb: { members: 3 } },
      `mongodb.members is 3, but only 2 nodes run ${MAJORITY}`],
    [{ target: { workers: 4 }, mongodb: { members: 5 } },
      `mongodb.members is 5, but only 4 nodes run ${MAJORITY}`],
    [{ guestbook: { autoscaling: true, backendReplicas: 13 } }, SCALING],
    [{ guestbook: { autoscaling: true, frontendReplicas: 13 } }, SCALING],
    [{ delivery: { mode: 'argocd', repository: 'https://git.example/r' } },
      'delivery.mode is "argocd", and files in Git name the images: set images.repository to ' +
        'the registry that they are pushed to'],
    [{ state: { settings: { bucket: 'b' } } },
      'state.settings are for a remote state.backend, and it is "local"'],
    [{ state: { backend: 'pg' } }, 'state.backend is "pg": set its location in state.settings'],
    [{ state: { backend: 'http', settings: { lock_address: 'https://l.example' } } },
      'state.backend is "http": set state.settings.address to the URL of the states'],
    ...['password', 'client_secret', 'secret_key', 'access_token', 'access_key', 'conn_str',
      'credentials'].map((name): [unknown, string] => [
      { state: { backend: 's3', settings: { bucket: 'b', [name]: 'x' } } },
      `state.settings.${name} would be a credential in a file: set the backend's ` +
        'environment variable instead'
    ]),
    [{ ...existing({}), mirrors: { preload: ['mongo:8.0'] } },
      'mirrors.preload is for Kind nodes, and target.type is "context"'],
    [{ monitoring: { prometheus: false, traces: false } }, PROMETHEUS],
    [{ monitoring: { prometheus: false, grafana: false } }, PROMETHEUS],
    [{ monitoring: { grafana: false }, alerts: { pagerdutyUrl: 'http://stub.example' } },
      'alerts.pagerdutyUrl needs monitoring.grafana, which is off']
  ])('are %j: %s', (overrides, problem) => {
    expect(problemsOf(overrides)).toEqual([problem])
  })
})

describe('settings just inside the bounds', () => {
  test.each<[unknown]>([
    [{ target: { clusterName: 'a'.repeat(41), workers: 9 } }],
    [{ target: { clusterName: '0.a-b', workers: 0 } }],
    [{ target: { ports: { listenAddress: '::1', http: 1, https: 65535 } } }],
    [{ target: { nodeImage: 'r:5000/node:v1' } }],
    [{ target: { nodeImage: `kindest/node@${DIGEST}` } }],
    [existing({ loadBalancer: false, metricsServer: 'off' })],
    [existing({ metricsServer: 'unverified' })],
    [{ target: { workers: 3 }, mongodb: { members: 3, size: '1Mi', backup: true } }],
    [{ target: { workers: 5 }, mongodb: { members: 5, size: '20Ti' } }],
    [external(['10.1.0.0/16', '2001:DB8::/32'])],
    [{ images: { repository: 'r.example:5000/team/sub' } }],
    [{ mirrors: { registry: 'r.example:5000/team', preload: ['r:5/a/b-c_d:v1', `a@${DIGEST}`] } }],
    [built({ repository, tags: { backend: '1' }, digests: { frontend: DIGEST } })],
    [built({ repository, digests: { backend: DIGEST, frontend: DIGEST } })],
    [{ ...existing({}), ...built({ repository, tags: { backend: '1', frontend: '2' } }) }],
    [{ hosts: { guestbook: ['a', 'b-1.c.example'] } }],
    [{ monitoring: { prometheus: false, grafana: false, traces: false } }],
    [{ alerts: { pagerdutyUrl: 'http://stub.example:1/v2', runbookBaseUrl: 'https://r.example' } }],
    [{ guestbook: { backendReplicas: 50, frontendReplicas: 50, faultSwitch: false } }],
    [{ guestbook: { backendReplicas: 12, frontendReplicas: 12, autoscaling: true } }],
    ...['http', 'https', 'ssh', 'git', 'file'].map((scheme): [unknown] =>
      [git({ repository: `${scheme}://git.example/r`, revision: 'v1' })]),
    ...['s3', 'gcs', 'azurerm', 'pg', 'consul'].map((backend): [unknown] =>
      [{ state: { backend, settings: { bucket: 'b', retries: 3, encrypt: true } } }]),
    [{ state: { backend: 'http', settings: { address: 'https://s.example' } } }]
  ])('are accepted: %j', overrides => {
    expect(problemsOf(overrides)).toEqual([])
    expect(loadConfig('dev', overrides)).toMatchObject(overrides as object)
  })
})

test('several errors are reported together', () => {
  expect(problemsOf({ target: { ports: { http: 443, https: 443 } }, mongodb: { members: 3 } }))
    .toHaveLength(2)
})

test.each([
  ['a target', { target: { type: 'context', context: 'there' }, images: { repository: 'r' } },
    'target', {
      type: 'context',
      kubeconfig: '~/.kube/config',
      context: 'there',
      loadBalancer: true,
      metricsServer: 'verified'
    }],
  ['Argo CD', git({}), 'delivery',
    { mode: 'argocd', repository: 'https://git.example/r', revision: 'main' }],
  ['an external MongoDB', external(['10.1.0.0/16']), 'mongodb',
    { mode: 'external', cidrs: ['10.1.0.0/16'] }]
] as const)('%s has its own defaults', (_, overrides, section, settings) => {
  expect(loadConfig('dev', overrides)[section]).toEqual(settings)
})
