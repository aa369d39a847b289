/** Values of chart tempo 2: one pod, which also sends metrics of the spans to Prometheus. */
import type { Config } from '../config/schema.ts'
import { profile } from './profile.ts'
import { PROMETHEUS } from './prometheus.ts'
import { globalRegistry } from './registry.ts'

export function tempoValues (config: Config) {
  const { traces } = profile(config)
  return {
    ...globalRegistry(config),
    tempo: {
      memBallastSizeMbs: 0,
      reportingEnabled: false,
      retention: traces.retention,
      resources: traces.resources,
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
          remote_write: [{ url: `${PROMETHEUS}/api/v1/write`, send_exemplars: true }]
        },
        traces_storage: { path: '/var/tempo/generator/traces' }
      },
      // Grafana's data source reads this label of exemplars; the default is traceID.
      overrides: {
        defaults: {
          metrics_generator: {
            processors: ['service-graphs', 'span-metrics'],
            trace_id_label_name: 'trace_id'
          }
        }
      }
    },
    persistence: { enabled: true, size: traces.size },
    serviceMonitor: { enabled: true }
  }
}
