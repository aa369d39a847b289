/** The values of Grafana in kube-prometheus-stack. */
import type { Config } from '../config/schema.ts'
import { urlOf } from '../urls.ts'
import { profile, resources } from './profile.ts'

export const RUNBOOKS =
  'https://github.com/guestbook/guestbook-platform/blob/main/alert-rules/runbooks'

export function grafanaValues (config: Config, keysVersion: string) {
  const url = urlOf(config, config.hosts.grafana)
  return {
    fullnameOverride: 'grafana',
    testFramework: { enabled: false },
    admin: {
      existingSecret: 'grafana-admin',
      userKey: 'admin-user',
      passwordKey: 'admin-password'
    },
    assertNoLeakedSecrets: true,
    // PAGERDUTY_INTEGRATION_KEY and HEARTBEAT_URL. Grafana reads them at its start, so the
    // annotation replaces the pod when they change.
    envFromSecrets: [{ name: 'alerting' }],
    podAnnotations: { keys: `v-${keysVersion}` },
    env: {
      PAGERDUTY_URL: config.alerts.pagerdutyUrl ?? '',
      RUNBOOK_BASE_URL: config.alerts.runbookBaseUrl ?? RUNBOOKS,
      GRAFANA_URL: url
    },
    'grafana.ini': {
      server: { root_url: url },
      analytics: { reporting_enabled: false, check_for_updates: false }
    },
    ingress: {
      enabled: true,
      ingressClassName: 'nginx',
      hosts: [config.hosts.grafana],
      path: '/'
    },
    resources: profile(config).grafana,
    // The database has the firing alerts: without it, a restart would lose their resolution.
    persistence: { enabled: true, size: '1Gi' },
    deploymentStrategy: { type: 'Recreate' },
    initChownData: { enabled: false },
    sidecar: {
      resources: resources('5m', '64Mi', '128Mi'),
      dashboards: {
        enabled: true,
        label: 'grafana_dashboard',
        labelValue: '1',
        searchNamespace: 'ALL'
      },
      alerts: {
        enabled: true,
        label: 'grafana_alert',
        labelValue: '1',
        searchNamespace: 'monitoring'
      },
      datasources: {
        uid: 'prometheus',
        exemplarTraceIdDestinations: {
          datasourceUid: 'tempo',
          traceIdLabelName: 'trace_id',
          urlDisplayLabel: 'View trace'
        },
        alertmanager: { enabled: false }
      }
    },
    additionalDataSources: [
      ...(config.monitoring.logs === 'off' ? [] : [loki]),
      ...(config.monitoring.traces ? [tempo] : [])
    ]
  }
}

// Grafana replaces $NAME and ${NAME} in data sources; $$ is a literal $.
const loki = {
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
}

const tempo = {
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
    nodeGraph: { enabled: true }
  }
}
