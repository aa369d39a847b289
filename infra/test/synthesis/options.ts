/** What the smaller charts are given as a whole, and what options and mirrors make of it. */
import { expect, test } from '@jest/globals'
import { bare, synth, valuesOf } from '../synth.ts'
import { version } from '../../src/components.ts'

const repository = 'https://git.example/guestbook.git'
const stacks = {
  dev: synth(),
  staging: synth({}, 'staging'),
  argocd: synth({
    images: { repository: 'registry.example' },
    delivery: { mode: 'argocd', repository, revision: 'release' },
    mirrors: { registry: 'mirror.example' }
  }),
  unmirrored: synth({
    images: { repository: 'registry.example' }, delivery: { mode: 'argocd', repository }
  }),
  alloy: synth({
    ingress: { controller: 'nginx' },
    monitoring: { logs: 'alloy' },
    mirrors: { registry: 'mirror.example' }
  }),
  nginx: synth({ ingress: { controller: 'nginx' } }, 'staging'),
  onNode: synth({ target: { loadBalancer: false } }, 'staging')
}
type Options = keyof typeof stacks
const values = (options: Options, release: string) =>
  bare(valuesOf(stacks[options]!.platform!, release))

const resources = (cpu: string, memory: string, limit: string) =>
  ({ requests: { cpu, memory }, limits: { memory: limit } })
const NAMESPACE = '${kubernetes_namespace_v1.tenant_guestbook_namespace.metadata[0].name}'
const SERVER = 'https://kubernetes.default.svc'
const onTheNode = {
  nodeSelector: { 'ingress-ready': 'true' },
  tolerations: [
    { key: 'node-role.kubernetes.io/control-plane', operator: 'Exists', effect: 'NoSchedule' }
  ]
}
const argoCd = {
  createClusterRoles: false,
  crds: { keep: false },
  configs: {
    clusterCredentials: {
      'in-cluster': {
        server: SERVER, namespaces: NAMESPACE, config: { tlsClientConfig: { insecure: false } }
      }
    },
    cm: { 'resource.respectRBAC': 'normal' }
  },
  dex: { enabled: false },
  notifications: { enabled: false },
  applicationSet: { replicas: 0 },
  redis: { resources: resources('10m', '32Mi', '96Mi') },
  controller: { resources: resources('50m', '192Mi', '512Mi') },
  server: { resources: resources('20m', '64Mi', '192Mi') },
  repoServer: { resources: resources('20m', '96Mi', '384Mi') }
}

type Row = readonly [promise: string, options: Options, release: string, values: object]
const EXPECTED: readonly Row[] = [
  ['traces are kept a day, and become metrics in Prometheus', 'dev', 'tempo', {
    tempo: {
      memBallastSizeMbs: 0,
      reportingEnabled: false,
      retention: '24h',
      resources: resources('50m', '192Mi', '512Mi'),
      metricsGenerator: {
        enabled: true,
        processor: {
          span_metrics: {
            dimensions: ['http.method', 'http.route', 'http.status_code'],
            enable_target_info: true
          }
        },
        registry: { collection_interval: '15s', external_labels: { source: 'tempo' } },
        storage: {
          path: '/var/tempo/generator/wal',
          remote_write: [
            { url: 'http://kps-prometheus.monitoring:9090/api/v1/write', send_exemplars: true }
          ]
        },
        traces_storage: { path: '/var/tempo/generator/traces' }
      },
      overrides: {
        defaults: {
          metrics_generator: {
            processors: ['service-graphs', 'span-metrics'], trace_id_label_name: 'trace_id'
          }
        }
      }
    },
    persistence: { enabled: true, size: '2Gi' },
    serviceMonitor: { enabled: true }
  }],
  ['the page is requested every 15 s, and must have a form', 'dev', 'blackbox', {
    fullnameOverride: 'blackbox',
    config: {
      modules: {
        page: {
          prober: 'http',
          timeout: '5s',
          http: {
            valid_status_codes: [200],
            preferred_ip_protocol: 'ip4',
            fail_if_body_not_matches_regexp: ['<form']
          }
        }
      }
    },
    resources: resources('5m', '24Mi', '64Mi'),
    serviceMonitor: {
      enabled: true,
      defaults: {
        module: 'page',
        interval: '15s',
        scrapeTimeout: '10s',
        additionalRelabeling: [{ targetLabel: 'job', replacement: 'blackbox' }]
      },
      targets: [{ name: 'page', url: 'http://ingress.ingress/', hostname: 'frontend.localhost' }]
    }
  }],
  ['Kind\'s kubelets need no certificate', 'dev', 'metrics-server', {
    args: ['--kubelet-insecure-tls'], resources: resources('20m', '96Mi', '192Mi')
  }],
  ['other kubelets need one', 'staging', 'metrics-server', {
    args: [], resources: resources('20m', '96Mi', '192Mi')
  }],
  ['its image comes from the mirror', 'alloy', 'metrics-server', {
    image: { repository: 'mirror.example/metrics-server/metrics-server' },
    args: ['--kubelet-insecure-tls'],
    resources: resources('20m', '96Mi', '192Mi')
  }],
  ['Traefik waits for a load balancer outside Kind', 'staging', 'ingress', {
    fullnameOverride: 'ingress',
    ingressClass: { enabled: true, isDefaultClass: true, name: 'nginx' },
    providers: {
      kubernetesCRD: { enabled: false },
      kubernetesIngress: { enabled: false },
      kubernetesIngressNGINX: {
        enabled: true,
        ingressClassByName: true,
        watchIngressWithoutClass: true,
        proxyConnectTimeout: 1,
        proxyNextUpstreamTries: 5,
        publishService: { enabled: true }
      }
    },
    ports: {},
    service: { spec: { type: 'LoadBalancer' } },
    resources: resources('50m', '96Mi', '256Mi'),
    global: { checkNewVersion: false, sendAnonymousUsage: false }
  }],
  ['Traefik listens on the node without a load balancer', 'onNode', 'ingress', {
    fullnameOverride: 'ingress',
    ingressClass: { enabled: true, isDefaultClass: true, name: 'nginx' },
    providers: {
      kubernetesCRD: { enabled: false },
      kubernetesIngress: { enabled: false },
      kubernetesIngressNGINX: {
        enabled: true,
        ingressClassByName: true,
        watchIngressWithoutClass: true,
        proxyConnectTimeout: 1,
        proxyNextUpstreamTries: 5,
        publishStatusAddress: 'staging.guestbook.example'
      }
    },
    ports: { web: { hostPort: 80 }, websecure: { hostPort: 443 } },
    service: { spec: { type: 'ClusterIP' } },
    updateStrategy: { type: 'Recreate' },
    ...onTheNode,
    resources: resources('50m', '96Mi', '256Mi'),
    global: { checkNewVersion: false, sendAnonymousUsage: false }
  }],
  ['F5\'s controller listens on the node in Kind', 'alloy', 'ingress-nginx', {
    serviceNameOverride: 'ingress',
    controller: {
      image: { repository: 'mirror.example/nginx/nginx-ingress' },
      kind: 'daemonset',
      hostPort: { enable: true },
      service: { type: 'ClusterIP', externalTrafficPolicy: '' },
      ingressClass: { name: 'nginx', create: true, setAsDefaultIngress: true },
      config: { entries: { 'proxy-connect-timeout': '1s' } },
      ...onTheNode,
      resources: resources('50m', '96Mi', '256Mi')
    }
  }],
  ['F5\'s controller keeps visitors\' addresses behind a load balancer', 'nginx', 'ingress-nginx', {
    serviceNameOverride: 'ingress',
    controller: {
      kind: 'deployment',
      hostPort: { enable: false },
      service: { type: 'LoadBalancer', externalTrafficPolicy: 'Local' },
      ingressClass: { name: 'nginx', create: true, setAsDefaultIngress: true },
      config: { entries: { 'proxy-connect-timeout': '1s' } },
      resources: resources('50m', '96Mi', '256Mi')
    }
  }],
  ['Argo CD manages one namespace', 'unmirrored', 'argo-cd', argoCd],
  ['Argo CD and its Redis come from the mirror', 'argocd', 'argo-cd', {
    ...argoCd,
    global: { image: { repository: 'mirror.example/argoproj/argocd' } },
    redis: {
      image: { repository: 'mirror.example/docker/library/redis', tag: version('argo-cd-redis') },
      resources: resources('10m', '32Mi', '96Mi')
    }
  }],
  ['Alloy runs on every node, tainted or not, and sends no usage reports', 'alloy', 'alloy', {
    global: { image: { registry: 'mirror.example' } },
    crds: { create: false },
    controller: {
      type: 'daemonset', tolerations: [{ operator: 'Exists', effect: 'NoSchedule' }]
    },
    configReloader: { resources: resources('5m', '24Mi', '64Mi') },
    serviceMonitor: { enabled: true },
    alloy: {
      enableReporting: false,
      mounts: { varlog: true },
      resources: resources('30m', '96Mi', '256Mi'),
      configMap: { content: expect.stringContaining('loki.write "default"') }
    }
  }]
]

test.each(EXPECTED)('%s', (_, options, release, promised) => {
  expect(values(options, release)).toEqual(promised)
})

test.each([
  ['kube-prometheus-stack', { imageRegistry: 'mirror.example' }],
  ['blackbox', { imageRegistry: 'mirror.example' }],
  ['loki', { imageRegistry: 'mirror.example' }],
  ['tempo', { imageRegistry: 'mirror.example' }],
  ['promtail', { imageRegistry: 'mirror.example' }]
])('every image of %s comes from the mirror, where there is one', (release, global) => {
  expect([values('argocd', release).global, values('dev', release).global])
    .toEqual([global, undefined])
})

test('the image of Traefik comes from the mirror, where there is one', () => {
  expect([values('argocd', 'ingress').image, values('dev', 'ingress').image])
    .toEqual([{ registry: 'mirror.example' }, undefined])
})
