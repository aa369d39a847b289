/** Values of chart metrics-server 3. Kind's kubelets have certificates that nobody has signed. */
import { component } from '../components.ts'
import type { Config } from '../config/schema.ts'
import { resources } from './profile.ts'

export function metricsServerValues (config: Config) {
  return {
    ...(config.mirrors.registry && { image: { repository: `${config.mirrors.registry}/metrics-server/metrics-server`, tag: `v${component('metrics-server').app}` } }),
    args: config.target.type === 'kind' ? ['--kubelet-insecure-tls'] : [],
    resources: resources('20m', '96Mi', '192Mi')
  }
}
