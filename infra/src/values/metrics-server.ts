/** Values of chart metrics-server 3. */
import type { Config } from '../config/schema.ts'
import { resources } from './profile.ts'

/** Kind's kubelets have self-signed certificates. */
export const metricsServer = ({ target }: Config) =>
  target.type === 'kind' ? 'unverified' : target.metricsServer

export function metricsServerValues (config: Config) {
  return {
    ...(config.mirrors.registry && {
      image: { repository: `${config.mirrors.registry}/metrics-server/metrics-server` }
    }),
    args: metricsServer(config) === 'unverified' ? ['--kubelet-insecure-tls'] : [],
    resources: resources('20m', '96Mi', '192Mi')
  }
}
