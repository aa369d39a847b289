import type { Config } from '../src/config/schema.ts'
import { urlOf } from '../src/urls.ts'

export interface Endpoint {
  readonly name: string
  readonly url: string
  /** Path that answers 200 while the component is healthy. */
  readonly health: string
}

/** The components behind the ingress. */
export function endpoints (config: Config): Endpoint[] {
  return [
    ...config.hosts.guestbook.map(host => ({
      name: 'Guestbook',
      url: urlOf(config, host),
      health: '/'
    })),
    ...(config.monitoring.grafana
      ? [{ name: 'Grafana', url: urlOf(config, config.hosts.grafana), health: '/api/health' }]
      : []),
    ...(config.monitoring.prometheus
      ? [{ name: 'Prometheus', url: urlOf(config, config.hosts.prometheus), health: '/-/ready' }]
      : [])
  ]
}
