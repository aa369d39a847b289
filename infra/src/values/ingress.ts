/** Values of the two ingress controllers. Both serve the IngressClass nginx as the default, and both are reached as http://ingress.ingress inside the cluster. */
import { component } from '../components.ts'
import type { Config } from '../config/schema.ts'
import { resources } from './profile.ts'

/** On Kind the pod listens on the node's ports 80 and 443, which this computer's ports lead to; elsewhere a load balancer does. */
const onKind = (config: Config) => config.target.type === 'kind'
const onTheNodeWithPorts = {
  nodeSelector: { 'ingress-ready': 'true' },
  tolerations: [{ key: 'node-role.kubernetes.io/control-plane', operator: 'Exists', effect: 'NoSchedule' }]
}
const asked = resources('50m', '96Mi', '256Mi')

/** Values of chart traefik 41. It reads Ingress objects as ingress-nginx did, annotations included. */
export function traefikValues (config: Config) {
  const kind = onKind(config)
  return {
    fullnameOverride: 'ingress',
    ...(config.mirrors.registry && { image: { registry: config.mirrors.registry } }),
    ingressClass: { enabled: true, isDefaultClass: true, name: 'nginx' },
    providers: {
      kubernetesCRD: { enabled: false },
      kubernetesIngress: { enabled: false },
      kubernetesIngressNGINX: {
        enabled: true,
        ingressClassByName: true,
        watchIngressWithoutClass: true,
        ...(kind ? { publishStatusAddress: 'localhost' } : { publishService: { enabled: true } })
      }
    },
    ports: kind ? { web: { hostPort: 80 }, websecure: { hostPort: 443 } } : {},
    // A LoadBalancer is never ready on Kind, and the release would wait for it.
    service: { spec: { type: kind ? 'ClusterIP' : 'LoadBalancer' } },
    ...(kind && { updateStrategy: { type: 'Recreate' }, ...onTheNodeWithPorts }),
    resources: asked,
    global: { checkNewVersion: false, sendAnonymousUsage: false }
  }
}

/** Values of chart nginx-ingress 2.7, the controller of F5. */
export function nginxValues (config: Config) {
  const kind = onKind(config)
  return {
    serviceNameOverride: 'ingress',
    controller: {
      ...(config.mirrors.registry && { image: { repository: `${config.mirrors.registry}/nginx/nginx-ingress`, tag: component('nginx-ingress').app } }),
      kind: kind ? 'daemonset' : 'deployment',
      hostPort: { enable: kind },
      service: { type: kind ? 'ClusterIP' : 'LoadBalancer', externalTrafficPolicy: kind ? '' : 'Local' },
      ingressClass: { name: 'nginx', create: true, setAsDefaultIngress: true },
      ...(kind && onTheNodeWithPorts),
      resources: asked
    }
  }
}
