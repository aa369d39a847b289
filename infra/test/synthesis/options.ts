/** What the smaller charts are given as a whole, and what options and mirrors make of it. */
import { expect, test } from '@jest/globals'
import { all, bare, resources, synth, valuesOf } from '../synth.ts'
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
  onNode: synth(
    { target: { loadBalancer: false, metricsServer: 'unverified' } }, 'staging'),
  nginxOnNode: synth(
    { target: { loadBalancer: false }, ingress: { controller: 'nginx' } }, 'staging')
}
type Options = keyof typeof stacks
const values = (options: Options, release: string) =>
  bare(valuesOf(stacks[options]!.platform!, release))

const NAMESPACE = '${kubernetes_namespace_v1.tenant_guestbook_namespace.metadata[0].name}'
const SERVER = 'https://kubernetes.default.svc'
const onTheNode = {
  nodeSelector: { 'ingress-ready': 'true' },
  tolerations: [
    { key: 'node-role.kubernetes.io/control-plane', operator: 'Exists', effect: 'NoSchedule' }
  ]
}
/** Traefik waits a second for a pod, then tries another one. */
const traefik = (status: object) => ({
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
      ...status
    }
  },
  resources: resources('50m', '96Mi', '256Mi'),
  global: { checkNewVersion: false, sendAnonymousUsage: false }
})
const traefikOnNode = (address: string) => ({
  ...traefik({ publishStatusAddress: address }),
  ports: { web: { hostPort: 80 }, websecure: { hostPort: 443 } },
  service: { spec: { type: 'ClusterIP' } },
  updateStrategy: { type: 'Recreate' },
  ...onTheNode
})
const f5 = (controller: object) => ({
  serviceNameOverride: 'ingress',
  controller: {
    ingressClass: { name: 'nginx', create: true, setAsDefaultIngress: true },
    config: { entries: { 'proxy-connect-timeout': '1s' } },
    resources: resources('50m', '96Mi', '256Mi'),
    ...controller
  }
})
const f5OnNode = {
  kind: 'daemonset',
  hostPort: { enable: true },
  service: { type: 'ClusterIP', externalTrafficPolicy: '' },
  ...onTheNode
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
  ['the settings can accept kubelets without one', 'onNode', 'metrics-server', {
    args: ['--kubelet-insecure-tls'], resources: resources('20m', '96Mi', '192Mi')
  }],
  ['its image comes from the mirror', 'alloy', 'metrics-server', {
    image: { repository: 'mirror.example/metrics-server/metrics-server' },
    args: ['--kubelet-insecure-tls'],
    resources: resources('20m', '96Mi', '192Mi')
  }],
  ['Traefik listens on the node in Kind', 'dev', 'ingress', traefikOnNode('localhost')],
  ['Traefik listens on the node without a load balancer', 'onNode', 'ingress',
    traefikOnNode('staging.guestbook.example')],
  ['Traefik waits for a load balancer outside Kind', 'staging', 'ingress', {
    ...traefik({ publishService: { enabled: true } }),
    ports: {},
    service: { spec: { type: 'LoadBalancer' } }
  }],
  ['F5\'s controller listens on the node in Kind', 'alloy', 'ingress-nginx',
    f5({ image: { repository: 'mirror.example/nginx/nginx-ingress' }, ...f5OnNode })],
  ['F5\'s controller listens on the node without a load balancer', 'nginxOnNode', 'ingress-nginx',
    f5(f5OnNode)],
  ['F5\'s controller keeps visitors\' addresses behind a load balancer', 'nginx', 'ingress-nginx',
    f5({
      kind: 'deployment',
      hostPort: { enable: false },
      service: { type: 'LoadBalancer', externalTrafficPolicy: 'Local' }
    })],
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
  ...['kube-prometheus-stack', 'blackbox', 'loki', 'tempo', 'promtail']
    .map(release => [release, 'global', { imageRegistry: 'mirror.example' }] as const),
  ['ingress', 'image', { registry: 'mirror.example' }] as const
])('every image of %s comes from the mirror, where there is one', (release, key, registry) => {
  expect([values('argocd', release)[key], values('dev', release)[key]])
    .toEqual([registry, undefined])
})

test.each(['argocd', 'alloy'] as const)(
  'at the mirror, images of %s have a pinned tag, or that of their chart, which is pinned',
  options => {
    const stack = stacks[options].platform!
    for (const { name, version } of all(stack, 'helm_release')) {
      expect(version).toMatch(/^\d+\.\d+\.\d+$/)
      const tags = JSON.stringify(valuesOf(stack, name)).matchAll(/"tag":(".*?")/g)
      for (const [, tag] of tags) expect(tag).toMatch(/^"v?\d+\.\d+[\w.-]*"$/)
    }
  }
)
