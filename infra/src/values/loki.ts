/** Values of chart loki 18: a single binary with a volume. */
import type { Config } from '../config/schema.ts'
import { profile } from './profile.ts'
import { globalRegistry } from './registry.ts'

export const LOKI = 'http://loki.monitoring:3100'

export function lokiValues (config: Config) {
  const { logs } = profile(config)
  return {
    ...globalRegistry(config),
    deploymentMode: 'Monolithic',
    loki: {
      auth_enabled: false,
      commonConfig: { replication_factor: 1 },
      storage: { type: 'filesystem' },
      schemaConfig: {
        configs: [
          {
            from: '2024-04-01',
            store: 'tsdb',
            object_store: 'filesystem',
            schema: 'v13',
            index: { prefix: 'index_', period: '24h' }
          }
        ]
      },
      limits_config: {
        retention_period: logs.retention,
        allow_structured_metadata: true,
        volume_enabled: true
      },
      compactor: { retention_enabled: true, delete_request_store: 'filesystem' },
      analytics: { reporting_enabled: false }
    },
    singleBinary: { replicas: 1, persistence: { size: logs.size }, resources: logs.resources },
    // The chart's defaults install these.
    read: { replicas: 0 },
    write: { replicas: 0 },
    backend: { replicas: 0 },
    chunksCache: { enabled: false },
    resultsCache: { enabled: false },
    lokiCanary: { enabled: false },
    test: { enabled: false },
    gateway: { enabled: false },
    sidecar: { rules: { enabled: false } },
    monitoring: { serviceMonitor: { enabled: true } }
  }
}
