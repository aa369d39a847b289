/** Memory, storage and retention of each component. */
import type { Config } from '../config/schema.ts'

/**
 * Requests for CPU and memory, and a limit for memory. There are no CPU limits: they throttle pods
 * while CPUs are idle.
 */
export const resources = (cpu: string, memory: string, limit: string) => ({
  requests: { cpu, memory },
  limits: { memory: limit }
})

const store = (retention: string, size: string, ...memory: Parameters<typeof resources>) =>
  ({ retention, size, resources: resources(...memory) })

export const profiles = {
  /** 6 GiB in total, with the node. Measured at rest, with a reserve for load. */
  small: {
    metrics: { ...store('7d', '6Gi', '100m', '512Mi', '1Gi'), retentionSize: '5GB' },
    logs: store('72h', '4Gi', '50m', '192Mi', '512Mi'),
    traces: store('24h', '2Gi', '50m', '192Mi', '512Mi'),
    grafana: resources('50m', '192Mi', '512Mi')
  },
  /** For production: 30 days of metrics, the period of the objectives. */
  full: {
    metrics: { ...store('30d', '50Gi', '250m', '2Gi', '4Gi'), retentionSize: '45GB' },
    logs: store('720h', '50Gi', '200m', '512Mi', '2Gi'),
    traces: store('168h', '20Gi', '100m', '512Mi', '2Gi'),
    grafana: resources('100m', '256Mi', '1Gi')
  }
}

export const profile = (config: Config) => profiles[config.profile]
