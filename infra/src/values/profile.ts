/** Memory, storage and retention of each component. */
import type { Config } from '../config/schema.ts'

interface Resources {
  readonly requests: { readonly cpu: string; readonly memory: string }
  readonly limits: { readonly memory: string }
}

/**
 * Requests for CPU and memory, and a limit for memory. There are no CPU limits: they throttle pods
 * while CPUs are idle.
 */
export const resources = (cpu: string, memory: string, limit: string): Resources => ({
  requests: { cpu, memory },
  limits: { memory: limit }
})

export const profiles = {
  /** 6 GiB in total, with the node. Measured at rest, with a reserve for load. */
  small: {
    metrics: {
      retention: '7d',
      size: '6Gi',
      retentionSize: '5GB',
      resources: resources('100m', '512Mi', '1Gi')
    },
    logs: { retention: '72h', size: '4Gi', resources: resources('50m', '192Mi', '512Mi') },
    traces: { retention: '24h', size: '2Gi', resources: resources('50m', '192Mi', '512Mi') },
    grafana: resources('50m', '192Mi', '512Mi')
  },
  /** For production: 30 days of metrics, the period of the objectives. */
  full: {
    metrics: {
      retention: '30d',
      size: '50Gi',
      retentionSize: '45GB',
      resources: resources('250m', '2Gi', '4Gi')
    },
    logs: { retention: '720h', size: '50Gi', resources: resources('200m', '512Mi', '2Gi') },
    traces: { retention: '168h', size: '20Gi', resources: resources('100m', '512Mi', '2Gi') },
    grafana: resources('100m', '256Mi', '1Gi')
  }
} as const

export const profile = (config: Config) => profiles[config.profile]
