/** Values of chart prometheus-blackbox-exporter 11: it requests the page through the ingress. */
import type { Config } from '../config/schema.ts'
import { resources } from './profile.ts'
import { globalRegistry } from './registry.ts'

/** @param modules requests and expected answers, as in alert-rules/blackbox.yml */
export function probeValues (config: Config, modules: object) {
  return {
    ...globalRegistry(config),
    fullnameOverride: 'blackbox',
    config: modules,
    resources: resources('5m', '24Mi', '64Mi'),
    serviceMonitor: {
      enabled: true,
      defaults: {
        module: 'page',
        interval: '15s',
        scrapeTimeout: '10s',
        additionalRelabeling: [{ targetLabel: 'job', replacement: 'blackbox' }]
      },
      targets: [
        { name: 'page', url: 'http://ingress.ingress/', hostname: config.hosts.guestbook.at(-1)! }
      ]
    }
  }
}
