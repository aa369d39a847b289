/** What each environment promises: its settings as a whole, and what the guestbook gets of them. */
import { describe, expect, test } from '@jest/globals'
import { loadConfig } from '../../src/config/load.ts'
import { objectsOf, releases, synth, valuesOf, type Stack } from '../synth.ts'
import { image, version } from '../../src/components.ts'

const common = {
  mirrors: { chartRepositories: {}, preload: [] },
  ingress: { controller: 'traefik' },
  monitoring: { prometheus: true, grafana: true, traces: true, logs: 'promtail' },
  alerts: {},
  delivery: { mode: 'helm' },
  state: { backend: 'local', settings: {} }
}
const images = { build: true, tags: {}, digests: {} }
const elsewhere = (context: string, domain: string) => ({
  target: {
    type: 'context',
    kubeconfig: '~/.kube/config',
    context,
    loadBalancer: true,
    metricsServer: 'verified'
  },
  images: { ...images, repository: 'ghcr.io/guestbook' },
  hosts: { guestbook: [domain], grafana: `grafana.${domain}`, prometheus: `prometheus.${domain}` }
})

test.each<[string, object]>([
  ['dev', {
    target: {
      type: 'kind',
      clusterName: 'guestbook',
      nodeImage: image('kind-node'),
      workers: 0,
      ports: { listenAddress: '127.0.0.1', http: 80, https: 443, guestbook: 30002 }
    },
    images,
    profile: 'small',
    hosts: {
      guestbook: ['localhost', 'frontend.localhost'],
      grafana: 'grafana.localhost',
      prometheus: 'prometheus.localhost'
    },
    mongodb: { mode: 'replicaSet', members: 1, size: '8Gi', backup: false },
    guestbook: { backendReplicas: 1, frontendReplicas: 1, autoscaling: false, faultSwitch: true }
  }],
  ['staging', {
    ...elsewhere('guestbook-staging', 'staging.guestbook.example'),
    profile: 'small',
    mongodb: { mode: 'replicaSet', members: 3, size: '8Gi', backup: false },
    guestbook: { backendReplicas: 2, frontendReplicas: 2, autoscaling: false, faultSwitch: true }
  }],
  ['prod', {
    ...elsewhere('guestbook-prod', 'guestbook.example'),
    profile: 'full',
    mongodb: { mode: 'replicaSet', members: 3, size: '32Gi', backup: true },
    guestbook: { backendReplicas: 3, frontendReplicas: 3, autoscaling: true, faultSwitch: false }
  }]
])('the settings of %s', (environment, settings) => {
  expect(loadConfig(environment)).toEqual({ ...common, ...settings, environment })
})

const stacks: Record<string, Record<string, Stack>> = {
  dev: synth(),
  prod: synth({}, 'prod'),
  external: synth({ mongodb: { mode: 'external', cidrs: ['10.1.0.0/16', '10.2.0.0/16'] } }, 'prod'),
  mirrored: synth({ mirrors: { registry: 'mirror.example' } }),
  bare: synth({
    monitoring: { prometheus: false, grafana: false, traces: false, logs: 'off' },
    images: {
      repository: 'r.example', build: false, tags: { backend: '1', frontend: '2' }
    }
  }, 'staging'),
  nginx: synth({ ingress: { controller: 'nginx' } }),
  alloy: synth({ monitoring: { logs: 'alloy' } }),
  quiet: synth({ monitoring: { grafana: false, traces: false, logs: 'off' } })
}
const token = (key: string) => ({ existingSecret: { name: 'guestbook-tokens', key } })
const tokens = { faultsToken: token('faults-token'), moderatorToken: token('moderator-token') }
const { faultsToken, moderatorToken } = tokens
const traced = { otlpEndpoint: 'http://tempo.monitoring:4318', serviceMonitor: { enabled: true } }
const scaled = { replicas: 3, autoscaling: { enabled: true, minReplicas: 3, maxReplicas: 12 } }
const [backend, frontend] = [
  { repository: 'guestbook-backend', tag: 'b1' }, { repository: 'guestbook-frontend', tag: 'f1' }
]
const annotations = {
  'nginx.ingress.kubernetes.io/proxy-request-buffering': 'on',
  'nginx.ingress.kubernetes.io/client-body-buffer-size': '16k',
  'nginx.ingress.kubernetes.io/proxy-body-size': '128k',
  'nginx.org/client-body-buffer-size': '16k',
  'nginx.org/client-max-body-size': '128k'
}
const mongodb = (registry: string, watched: boolean) => ({
  image: { repository: `${registry}mongo`, tag: version('mongodb') },
  metrics: {
    enabled: watched,
    image: { repository: `${registry}percona/mongodb_exporter`, tag: version('mongodb-exporter') }
  },
  serviceMonitor: { enabled: watched }
})

test.each<[string, string, object]>([
  ['dev', 'mongodb', {
    ...mongodb('', true), replicas: 1, persistence: { size: '8Gi' }, backup: { enabled: false }
  }],
  ['dev', 'backend', { ...tokens, ...traced, replicas: 1, image: backend }],
  // One Ingress suits both controllers: each reads its own annotations.
  ...['dev', 'nginx'].map((environment): [string, string, object] => [environment, 'frontend', {
    ...traced,
    faultsToken,
    replicas: 1,
    image: frontend,
    service: { type: 'NodePort', nodePort: 30002 },
    ingress: { hosts: ['localhost', 'frontend.localhost'], annotations }
  }]),
  ['prod', 'mongodb', {
    ...mongodb('', true), replicas: 3, persistence: { size: '32Gi' }, backup: { enabled: true }
  }],
  ['prod', 'backend', { moderatorToken, ...traced, ...scaled, image: backend }],
  ['prod', 'frontend', {
    ...traced,
    ...scaled,
    image: frontend,
    ingress: { hosts: ['guestbook.example'], annotations }
  }],
  ['external', 'backend', {
    moderatorToken,
    ...traced,
    ...scaled,
    image: backend,
    mongodb: {
      existingSecret: { name: 'mongodb-uri', key: 'uri' },
      externalCIDRs: ['10.1.0.0/16', '10.2.0.0/16']
    }
  }],
  ['mirrored', 'mongodb', {
    ...mongodb('mirror.example/', true),
    replicas: 1,
    persistence: { size: '8Gi' },
    backup: { enabled: false }
  }],
  ['bare', 'mongodb', {
    ...mongodb('', false), replicas: 3, persistence: { size: '8Gi' }, backup: { enabled: false }
  }],
  ['bare', 'backend', {
    ...tokens, replicas: 2, image: backend, serviceMonitor: { enabled: false }
  }],
  ['bare', 'frontend', {
    faultsToken,
    replicas: 2,
    image: frontend,
    serviceMonitor: { enabled: false },
    ingress: { hosts: ['staging.guestbook.example'], annotations }
  }]
])('in %s the values of the chart of the %s', (environment, chart, values) => {
  expect(valuesOf(stacks[environment]!.guestbook!, `guestbook-${chart}`)).toEqual(values)
})

test.each([
  ['external', 'guestbook', ['guestbook-backend', 'guestbook-frontend']],
  ['alloy', 'platform', ['alloy', 'blackbox', 'ingress', 'kube-prometheus-stack', 'loki',
    'metrics-server', 'tempo']],
  ['quiet', 'platform', ['blackbox', 'ingress', 'kube-prometheus-stack', 'metrics-server']]
])('in %s the stack %s has the releases %j', (environment, stack, names) => {
  expect(releases(stacks[environment]![stack]!)).toEqual(names)
})

describe('disabled components leave nothing behind', () => {
  test('without Prometheus nothing is monitored', () => {
    expect(Object.keys(objectsOf(stacks.bare!.platform!))).toEqual([
      'helm_release ingress',
      'helm_release metrics-server',
      'kubernetes_namespace_v1 ingress',
      'kubernetes_namespace_v1 guestbook',
      'kubernetes_role_binding_v1 guestbook-deployer',
      'kubernetes_role_v1 guestbook-deployer',
      'kubernetes_service_account_v1 guestbook-deployer'
    ])
  })

  test('without images to build none is built', () => {
    expect(Object.keys(objectsOf(stacks.bare!.guestbook!))).toEqual([
      'helm_release guestbook-backend', 'helm_release guestbook-frontend',
      'helm_release guestbook-mongodb', 'kubernetes_secret_v1 guestbook-tokens'
    ])
  })

  test('without Grafana there is no key, no check, no file and no data source', () => {
    const { platform } = stacks.quiet!
    expect(platform).not.toHaveProperty('variable')
    expect(platform).not.toHaveProperty('check')
    expect(platform!.resource).not.toHaveProperty('kubernetes_config_map_v1')
    expect(platform!.resource).not.toHaveProperty('kubernetes_secret_v1')
    const { grafana, prometheus } = valuesOf(platform!, 'kube-prometheus-stack')
    expect(grafana).toEqual({ enabled: false })
    expect(prometheus.prometheusSpec.enableRemoteWriteReceiver).toBe(false)
  })

  test.each<[object, string[]]>([
    [{}, ['Loki', 'Tempo']],
    [{ traces: false }, ['Loki']],
    [{ logs: 'off' }, ['Tempo']],
    [{ traces: false, logs: 'off' }, []]
  ])('with monitoring %j Grafana has the data sources %j', (monitoring, names) => {
    const { grafana } = valuesOf(synth({ monitoring }).platform!, 'kube-prometheus-stack')
    expect(grafana.additionalDataSources.map(({ name }: { name: string }) => name)).toEqual(names)
  })
})
