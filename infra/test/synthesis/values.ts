/** The values of the larger charts as a whole, in dev. */
import { expect, test } from '@jest/globals'
import { resources, synth, valuesOf } from '../synth.ts'

const [on, off] = [{ enabled: true }, { enabled: false }]
const KEYS = /^v-\$\{substr\(nonsensitive\(sha256\(.*var\.pagerduty_integration_key, var\.heartbeat/

const LOKI_SOURCE = {
  name: 'Loki',
  type: 'loki',
  uid: 'loki',
  access: 'proxy',
  url: 'http://loki.monitoring:3100',
  jsonData: {
    derivedFields: [{
      name: 'TraceID',
      matcherType: 'label',
      matcherRegex: 'trace_id',
      url: '$${__value.raw}',
      datasourceUid: 'tempo',
      urlDisplayLabel: 'View trace'
    }]
  }
}
const TEMPO_SOURCE = {
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
        { name: 'Request rate', query: 'sum(rate(traces_spanmetrics_calls_total{$$__tags}[5m]))' }
      ]
    },
    serviceMap: { datasourceUid: 'prometheus' },
    nodeGraph: on
  }
}
const GRAFANA = {
  fullnameOverride: 'grafana',
  testFramework: off,
  admin: {
    existingSecret: 'grafana-admin', userKey: 'admin-user', passwordKey: 'admin-password'
  },
  assertNoLeakedSecrets: true,
  envFromSecrets: [{ name: 'alerting' }],
  podAnnotations: { keys: expect.stringMatching(KEYS) }, // another key makes another pod
  env: {
    PAGERDUTY_URL: '',
    RUNBOOK_BASE_URL:
      'https://github.com/guestbook/guestbook-platform/blob/main/alert-rules/runbooks',
    GRAFANA_URL: 'http://grafana.localhost'
  },
  'grafana.ini': {
    server: { root_url: 'http://grafana.localhost' },
    analytics: { reporting_enabled: false, check_for_updates: false }
  },
  ingress: { enabled: true, ingressClassName: 'nginx', hosts: ['grafana.localhost'], path: '/' },
  resources: resources('50m', '192Mi', '512Mi'),
  persistence: { enabled: true, size: '1Gi' }, // a restart does not lose firing alerts
  deploymentStrategy: { type: 'Recreate' }, // two pods cannot share the volume
  initChownData: off, // it would run as root
  sidecar: {
    resources: resources('5m', '64Mi', '128Mi'),
    dashboards: {
      enabled: true, label: 'grafana_dashboard', labelValue: '1', searchNamespace: 'ALL'
    },
    alerts: {
      enabled: true, label: 'grafana_alert', labelValue: '1', searchNamespace: 'monitoring'
    },
    datasources: {
      uid: 'prometheus',
      exemplarTraceIdDestinations: {
        datasourceUid: 'tempo', traceIdLabelName: 'trace_id', urlDisplayLabel: 'View trace'
      },
      alertmanager: off
    }
  },
  additionalDataSources: [LOKI_SOURCE, TEMPO_SOURCE]
}

const PROMETHEUS = {
  fullnameOverride: 'kps',
  crds: on,
  // Kind has no metrics of these.
  kubeControllerManager: off,
  kubeScheduler: off,
  kubeEtcd: off,
  kubeProxy: off,
  windowsMonitoring: off,
  defaultRules: {
    rules: {
      etcd: false,
      kubeControllerManager: false,
      kubeProxy: false,
      kubeSchedulerAlerting: false,
      kubeSchedulerRecording: false,
      windows: false
    }
  },
  additionalPrometheusRulesMap: {
    guestbook: {
      groups: ['frontend-availability', 'frontend-latency', 'backend-availability',
        'backend-latency']
        .map(objective => expect.objectContaining({ name: `slo-${objective}` }))
    }
  },
  alertmanager: off, // Grafana sends the pages
  prometheusOperator: {
    resources: resources('20m', '64Mi', '192Mi'),
    prometheusConfigReloader: { resources: resources('5m', '24Mi', '64Mi') }
  },
  'kube-state-metrics': { resources: resources('10m', '32Mi', '128Mi') },
  'prometheus-node-exporter': {
    extraArgs: [ // no disk counts twice
      '--collector.filesystem.mount-points-exclude=' +
        '^/(dev|proc|sys|etc/.+|run/containerd/.+|var/lib/(docker|kubelet)/.+)($|/)'
    ],
    resources: resources('10m', '24Mi', '64Mi')
  },
  prometheus: {
    ingress: {
      enabled: true,
      ingressClassName: 'nginx',
      hosts: ['prometheus.localhost'],
      paths: ['/'],
      pathType: 'Prefix'
    },
    prometheusSpec: {
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
    }
  },
  grafana: GRAFANA
}

const LOKI = {
  deploymentMode: 'Monolithic',
  loki: {
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
  },
  singleBinary: {
    replicas: 1, persistence: { size: '4Gi' }, resources: resources('50m', '192Mi', '512Mi')
  },
  read: { replicas: 0 },
  write: { replicas: 0 },
  backend: { replicas: 0 },
  chunksCache: off,
  resultsCache: off,
  lokiCanary: off,
  test: off,
  gateway: off,
  sidecar: { rules: off },
  monitoring: { serviceMonitor: on }
}

const PROMTAIL = {
  config: {
    clients: [{ url: 'http://loki.monitoring:3100/loki/api/v1/push' }],
    snippets: {
      pipelineStages: [
        { cri: {} },
        { json: { expressions: { level: 'level', trace_id: 'trace_id', span_id: 'span_id' } } },
        { labels: { level: null } },
        { structured_metadata: { trace_id: null, span_id: null } },
        { labeldrop: ['filename', 'stream', 'job', 'component', 'instance', 'node_name'] }
      ]
    }
  },
  serviceMonitor: on,
  tolerations: [{ operator: 'Exists', effect: 'NoSchedule' }], // nodes with taints have logs
  resources: resources('20m', '64Mi', '192Mi')
}

const TEMPO = {
  tempo: {
    memBallastSizeMbs: 0,
    reportingEnabled: false,
    retention: '24h',
    resources: resources('50m', '192Mi', '512Mi'),
    metricsGenerator: {
      enabled: true,
      processor: {
        span_metrics: {
          dimensions: ['http.method', 'http.route', 'http.status_code'], enable_target_info: true
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
  serviceMonitor: on
}

test.each<[string, string, object]>([
  ['metrics are kept a week, and Grafana alone sends pages', 'kube-prometheus-stack', PROMETHEUS],
  ['one pod keeps logs three days, with their traces', 'loki', LOKI],
  ['a line has its level as label, its trace as metadata', 'promtail', PROMTAIL],
  ['traces are kept a day, and become metrics in Prometheus', 'tempo', TEMPO]
])('%s: the values of %s', (_, release, values) => {
  expect(valuesOf(synth().platform!, release)).toEqual(values)
})
