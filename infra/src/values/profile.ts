/** How much memory and history each part of the platform gets. */
import type { Config } from '../config/schema.ts'

interface Resources {
  readonly requests: { readonly cpu: string; readonly memory: string }
  readonly limits: { readonly memory: string }
}

/** CPU and memory that are asked for, and memory that may be taken. No CPU limits: they slow down what could have used an idle CPU. */
export const resources = (cpu: string, memory: string, limit: string): Resources => ({
  requests: { cpu, memory },
  limits: { memory: limit }
})

export const profiles = {
  /** Together 6 GiB, the node included. Measured at rest, with room for a working day. */
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
  /** For a cluster with users: a month of metrics, as long as the objectives count. */
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
