/** Values of the two ingress controllers. Both serve the IngressClass nginx as the default, and both are reached as http://ingress.ingress inside the cluster. */
import type { Config } from '../config/schema.ts'
import { resources } from './profile.ts'

/** The pod listens on the node's ports 80 and 443, to which ports of this computer lead in Kind, or a load balancer does. */
const onNode = ({ target }: Config) => target.type === 'kind' || !target.loadBalancer
const onTheNodeWithPorts = {
  nodeSelector: { 'ingress-ready': 'true' },
  tolerations: [
    { key: 'node-role.kubernetes.io/control-plane', operator: 'Exists', effect: 'NoSchedule' }
  ]
}
/** A pod whose node has vanished does not refuse, it stays silent. Until Kubernetes takes it away, the ingress asks another one after this. */
const CONNECT_SECONDS = 1
const asked = resources('50m', '96Mi', '256Mi')

/**
 * Annotations of an Ingress whose request bodies the controller shall read whole before it asks a
 * pod, so that clients who send slowly hold memory of the controller, 16 KiB each and the rest on
 * disk, and not of the pods. Traefik needs to be told so, the controller of F5 does it anyway; each
 * reads its own. The limit is twice the services' own (64 KiB), whose answer explains more.
 */
export const BUFFER_REQUEST_BODIES = {
  'nginx.ingress.kubernetes.io/proxy-request-buffering': 'on',
  'nginx.ingress.kubernetes.io/client-body-buffer-size': '16k',
  'nginx.ingress.kubernetes.io/proxy-body-size': '128k',
  'nginx.org/client-body-buffer-size': '16k',
  'nginx.org/client-max-body-size': '128k'
}

/** Values of chart traefik 41. It reads Ingress objects as ingress-nginx did, annotations included. */
export function traefikValues (config: Config) {
  const node = onNode(config)
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
        proxyConnectTimeout: CONNECT_SECONDS,
        proxyNextUpstreamTries: 5, // two visitors at a time may get the same silent pod again
        ...(node
          ? { publishStatusAddress: config.hosts.guestbook[0] }
          : { publishService: { enabled: true } })
      }
    },
    ports: node ? { web: { hostPort: 80 }, websecure: { hostPort: 443 } } : {},
    // A LoadBalancer that nobody gives an address is never ready, and the release would wait for it.
    service: { spec: { type: node ? 'ClusterIP' : 'LoadBalancer' } },
    ...(node && { updateStrategy: { type: 'Recreate' }, ...onTheNodeWithPorts }),
    resources: asked,
    global: { checkNewVersion: false, sendAnonymousUsage: false }
  }
}

/** Values of chart nginx-ingress 2.7, the controller of F5. */
export function nginxValues (config: Config) {
  const node = onNode(config)
  return {
    serviceNameOverride: 'ingress',
    controller: {
      ...(config.mirrors.registry && {
        image: {
          repository: `${config.mirrors.registry}/nginx/nginx-ingress`
        }
      }),
      kind: node ? 'daemonset' : 'deployment',
      hostPort: { enable: node },
      service: {
        type: node ? 'ClusterIP' : 'LoadBalancer',
        externalTrafficPolicy: node ? '' : 'Local'
      },
      ingressClass: { name: 'nginx', create: true, setAsDefaultIngress: true },
      config: { entries: { 'proxy-connect-timeout': `${CONNECT_SECONDS}s` } },
      ...(node && onTheNodeWithPorts),
      resources: asked
    }
  }
}
