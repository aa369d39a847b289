import { describe, expect, test } from '@jest/globals'
import { synth, valuesOf, type Stack } from '../synth.ts'

const platform = synth().platform as Stack

/** The value at a path of keys, which may hold dots themselves when they are quoted. */
function at (values: any, path: string): unknown {
  const keys = path.match(/"[^"]+"|[^.]+/g)!.map(key => key.replaceAll('"', ''))
  return keys.reduce((value, key) => value?.[key], values)
}

const resources = (cpu: string, memory: string, limit: string) =>
  ({ requests: { cpu, memory }, limits: { memory: limit } })

type Row = readonly [path: string, value: unknown, promise: string]

const GRAFANA: readonly Row[] = [
  ['fullnameOverride', 'grafana', 'other parts find Grafana by this name'],
  ['testFramework.enabled', false, 'no pod of a test is installed'],
  [
    'admin',
    { existingSecret: 'grafana-admin', userKey: 'admin-user', passwordKey: 'admin-password' },
    'the password comes from a Secret'
  ],
  ['assertNoLeakedSecrets', true, 'a secret among the values is rejected'],
  ['envFromSecrets', [{ name: 'alerting' }], 'Grafana gets the keys for paging'],
  [
    'podAnnotations.keys',
    expect.stringContaining('var.pagerduty_integration_key, var.heartbeat_url'),
    'another key makes another pod'
  ],
  [
    'env',
    {
      PAGERDUTY_URL: '',
      RUNBOOK_BASE_URL:
        'https://github.com/guestbook/guestbook-platform/blob/main/alert-rules/runbooks',
      GRAFANA_URL: 'http://grafana.localhost'
    },
    'pages link to runbooks and to Grafana'
  ],
  ['"grafana.ini".server.root_url', 'http://grafana.localhost', 'links lead to the ingress'],
  [
    '"grafana.ini".analytics',
    { reporting_enabled: false, check_for_updates: false },
    'nothing is reported to third parties'
  ],
  [
    'ingress',
    { enabled: true, ingressClassName: 'nginx', hosts: ['grafana.localhost'], path: '/' },
    'people reach it by its host'
  ],
  ['persistence', { enabled: true, size: '1Gi' }, 'a restart does not lose what fires'],
  ['resources', resources('50m', '192Mi', '512Mi'), 'it has memory for the dashboards'],
  ['sidecar.resources', resources('5m', '64Mi', '128Mi'), 'its sidecars are small'],
  ['deploymentStrategy.type', 'Recreate', 'two pods never share the volume'],
  ['initChownData.enabled', false, 'no container runs as root'],
  [
    'sidecar.dashboards',
    {
      enabled: true,
      label: 'grafana_dashboard',
      labelValue: '1',
      searchNamespace: 'ALL'
    },
    'dashboards of all namespaces are loaded'
  ],
  [
    'sidecar.alerts',
    {
      enabled: true,
      label: 'grafana_alert',
      labelValue: '1',
      searchNamespace: 'monitoring'
    },
    'the rules are loaded'
  ],
  [
    'sidecar.datasources',
    {
      uid: 'prometheus',
      exemplarTraceIdDestinations: {
        datasourceUid: 'tempo',
        traceIdLabelName: 'trace_id',
        urlDisplayLabel: 'View trace'
      },
      alertmanager: { enabled: false }
    },
    'an exemplar leads to its trace'
  ],
  [
    'additionalDataSources',
    [
      {
        name: 'Loki',
        type: 'loki',
        uid: 'loki',
        access: 'proxy',
        url: 'http://loki.monitoring:3100',
        jsonData: {
          derivedFields: [
            {
              name: 'TraceID',
              matcherType: 'label',
              matcherRegex: 'trace_id',
              url: '$${__value.raw}',
              datasourceUid: 'tempo',
              urlDisplayLabel: 'View trace'
            }
          ]
        }
      },
      {
        name: 'Tempo',
        type: 'tempo',
        uid: 'tempo',
        access: 'proxy',
        url: 'http://tempo.monitoring:3200',
        jsonData: {
          tracesToLogsV2: {
            datasourceUid: 'loki',
            spanStartTimeShift: '-5m',
            spanEndTimeShift: '5m',
            tags: [{ key: 'service.name', value: 'app' }],
            customQuery: true,
            query: '{$${__tags}} | trace_id="$${__trace.traceId}"'
          },
          tracesToMetrics: {
            datasourceUid: 'prometheus',
            tags: [{ key: 'service.name', value: 'service' }],
            queries: [
              {
                name: 'Request rate',
                query: 'sum(rate(traces_spanmetrics_calls_total{$$__tags}[5m]))'
              }
            ]
          },
          serviceMap: { datasourceUid: 'prometheus' },
          nodeGraph: { enabled: true }
        }
      }
    ],
    'a log line leads to its trace, a trace to its logs and metrics'
  ]
]

const PROMETHEUS: readonly Row[] = [
  ['fullnameOverride', 'kps', 'the address of Prometheus is known'],
  ['crds.enabled', true, 'the kinds of the operator are installed'],
  ['alertmanager.enabled', false, 'Grafana alone sends pages'],
  ...['kubeControllerManager', 'kubeScheduler', 'kubeEtcd', 'kubeProxy', 'windowsMonitoring']
    .map((part): Row => [part, { enabled: false }, `${part} cannot be read on Kind`]),
  ['defaultRules.rules', {
    etcd: false,
    kubeControllerManager: false,
    kubeProxy: false,
    kubeSchedulerAlerting: false,
    kubeSchedulerRecording: false,
    windows: false
  }, 'rules for missing metrics are off'],
  ['prometheusOperator', {
    resources: resources('20m', '64Mi', '192Mi'),
    prometheusConfigReloader: { resources: resources('5m', '24Mi', '64Mi') }
  }, 'the operator is small'],
  ['kube-state-metrics', { resources: resources('10m', '32Mi', '128Mi') },
    'objects of Kubernetes are counted'],
  ['prometheus-node-exporter', {
    extraArgs: [
      '--collector.filesystem.mount-points-exclude=' +
        '^/(dev|proc|sys|etc/.+|run/containerd/.+|var/lib/(docker|kubelet)/.+)($|/)'
    ],
    resources: resources('10m', '24Mi', '64Mi')
  }, 'no disk counts twice'],
  ['additionalPrometheusRulesMap', {
    guestbook: {
      groups: ['frontend-availability', 'frontend-latency', 'backend-availability',
        'backend-latency']
        .map(objective => expect.objectContaining({ name: `slo-${objective}` }))
    }
  }, 'the recording rules are loaded'],
  ['prometheus.ingress', {
    enabled: true,
    ingressClassName: 'nginx',
    hosts: ['prometheus.localhost'],
    paths: ['/'],
    pathType: 'Prefix'
  }, 'people reach it by its host'],
  ['prometheus.prometheusSpec', {
    externalUrl: 'http://prometheus.localhost',
    serviceMonitorSelectorNilUsesHelmValues: false,
    podMonitorSelectorNilUsesHelmValues: false,
    probeSelectorNilUsesHelmValues: false,
    scrapeConfigSelectorNilUsesHelmValues: false,
    ruleSelectorNilUsesHelmValues: false,
    enableFeatures: ['exemplar-storage'],
    enableRemoteWriteReceiver: true,
    scrapeInterval: '15s',
    evaluationInterval: '15s',
    retention: '7d',
    retentionSize: '5GB',
    resources: resources('100m', '512Mi', '1Gi'),
    storageSpec: {
      volumeClaimTemplate: {
        spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '6Gi' } } }
      }
    }
  }, 'every monitor and rule counts, for a week, on a volume']
]

const LOKI: readonly Row[] = [
  ['deploymentMode', 'Monolithic', 'one pod does everything'],
  ['loki', {
    auth_enabled: false,
    commonConfig: { replication_factor: 1 },
    storage: { type: 'filesystem' },
    schemaConfig: {
      configs: [{
        from: '2024-04-01',
        store: 'tsdb',
        object_store: 'filesystem',
        schema: 'v13',
        index: { prefix: 'index_', period: '24h' }
      }]
    },
    limits_config: {
      retention_period: '72h', allow_structured_metadata: true, volume_enabled: true
    },
    compactor: { retention_enabled: true, delete_request_store: 'filesystem' },
    analytics: { reporting_enabled: false }
  }, 'logs are kept for three days, with their trace_id, and then deleted'],
  ['singleBinary', {
    replicas: 1, persistence: { size: '4Gi' }, resources: resources('50m', '192Mi', '512Mi')
  }, 'one pod does everything, on a volume'],
  ...['read', 'write', 'backend'].map((part): Row => [part, { replicas: 0 }, `no pod is ${part}`]),
  ...['chunksCache', 'resultsCache', 'lokiCanary', 'test', 'gateway']
    .map((part): Row => [part, { enabled: false }, `${part} takes no memory`]),
  ['sidecar.rules.enabled', false, 'Loki evaluates no rule'],
  ['monitoring.serviceMonitor.enabled', true, 'Loki is watched']
]

const PROMTAIL: readonly Row[] = [
  ['config.clients', [{ url: 'http://loki.monitoring:3100/loki/api/v1/push' }], 'logs go to Loki'],
  ['config.snippets.pipelineStages', [
    { cri: {} },
    { json: { expressions: { level: 'level', trace_id: 'trace_id', span_id: 'span_id' } } },
    { labels: { level: null } },
    { structured_metadata: { trace_id: null, span_id: null } },
    { labeldrop: ['filename', 'stream', 'job', 'component', 'instance', 'node_name'] }
  ], 'a line has its level as label, its trace as metadata'],
  ['serviceMonitor.enabled', true, 'the shipper is watched'],
  ['tolerations', [{ operator: 'Exists', effect: 'NoSchedule' }], 'nodes with taints have logs'],
  ['resources', resources('20m', '64Mi', '192Mi'), 'the shipper is small']
]

const INGRESS: readonly Row[] = [
  ['fullnameOverride', 'ingress', 'the probe finds it as ingress.ingress'],
  ['ingressClass', { enabled: true, isDefaultClass: true, name: 'nginx' }, 'its class is nginx'],
  ['providers', {
    kubernetesCRD: { enabled: false },
    kubernetesIngress: { enabled: false },
    kubernetesIngressNGINX: {
      enabled: true,
      ingressClassByName: true,
      watchIngressWithoutClass: true,
      proxyConnectTimeout: 1,
      proxyNextUpstreamTries: 5,
      publishStatusAddress: 'localhost'
    }
  }, 'after a second without an answer, another pod is tried'],
  ['ports', { web: { hostPort: 80 }, websecure: { hostPort: 443 } }, 'it listens on the node'],
  ['service.spec.type', 'ClusterIP', 'Kind has no load balancer'],
  ['updateStrategy.type', 'Recreate', 'two pods cannot share the ports of the node'],
  ['nodeSelector', { 'ingress-ready': 'true' }, 'it runs where the ports lead'],
  ['tolerations', [
    { key: 'node-role.kubernetes.io/control-plane', operator: 'Exists', effect: 'NoSchedule' }
  ], 'it may run on the control plane'],
  ['resources', resources('50m', '96Mi', '256Mi'), 'it has memory for request bodies'],
  ['global', { checkNewVersion: false, sendAnonymousUsage: false }, 'nothing is reported']
]

describe.each([
  ['grafana', GRAFANA], ['kube-prometheus-stack', PROMETHEUS], ['loki', LOKI],
  ['promtail', PROMTAIL], ['ingress', INGRESS]
])('the values of %s', (name, rows) => {
  const values = name === 'grafana'
    ? valuesOf(platform, 'kube-prometheus-stack').grafana
    : valuesOf(platform, name)

  test.each(rows)('%s is %j: %s', (path, value) => {
    expect(at(values, path)).toEqual(value)
  })
})
