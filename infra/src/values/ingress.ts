/**
 * Values of the two ingress controllers. Both serve the IngressClass nginx as the default, and have
 * the URL http://ingress.ingress inside the cluster.
 */
import type { Config } from '../config/schema.ts'
import { resources } from './profile.ts'

/** Whether the controller listens on ports 80 and 443 of its node. Kind forwards to these. */
const usesHostPorts = ({ target }: Config) => target.type === 'kind' || !target.loadBalancer
const INGRESS_NODE = {
  nodeSelector: { 'ingress-ready': 'true' },
  tolerations: [
    { key: 'node-role.kubernetes.io/control-plane', operator: 'Exists', effect: 'NoSchedule' }
  ]
}
/**
 * Pods of a lost node do not answer until Kubernetes removes them. The ingress tries another pod
 * after this time.
 */
const CONNECT_SECONDS = 1
const RESOURCES = resources('50m', '96Mi', '256Mi')

/**
 * Annotations of an Ingress whose request bodies the controller reads completely before it forwards
 * them. Slow clients then use memory of the controller (16 KiB each, the rest on disk) instead of
 * the pods'. Each controller reads its own annotations; F5's buffers by default. The limit is twice
 * that of the services (64 KiB), whose error message is more helpful.
 */
export const BUFFER_REQUEST_BODIES = {
  'nginx.ingress.kubernetes.io/proxy-request-buffering': 'on',
  'nginx.ingress.kubernetes.io/client-body-buffer-size': '16k',
  'nginx.ingress.kubernetes.io/proxy-body-size': '128k',
  'nginx.org/client-body-buffer-size': '16k',
  'nginx.org/client-max-body-size': '128k'
}

/** Values of chart traefik 41. It reads Ingress objects with the annotations of ingress-nginx. */
export function traefikValues (config: Config) {
  const node = usesHostPorts(config)
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
        proxyNextUpstreamTries: 5, // retries may reach a lost pod again
        ...(node
          ? { publishStatusAddress: config.hosts.guestbook[0] }
          : { publishService: { enabled: true } })
      }
    },
    ports: node ? { web: { hostPort: 80 }, websecure: { hostPort: 443 } } : {},
    // A LoadBalancer without an address is never ready, and the release would wait for it.
    service: { spec: { type: node ? 'ClusterIP' : 'LoadBalancer' } },
    ...(node && { updateStrategy: { type: 'Recreate' }, ...INGRESS_NODE }),
    resources: RESOURCES,
    global: { checkNewVersion: false, sendAnonymousUsage: false }
  }
}

/** Values of chart nginx-ingress 2.7, the controller of F5. */
export function nginxValues (config: Config) {
  const node = usesHostPorts(config)
  return {
    serviceNameOverride: 'ingress',
    controller: {
      ...(config.mirrors.registry && {
        image: { repository: `${config.mirrors.registry}/nginx/nginx-ingress` }
      }),
      kind: node ? 'daemonset' : 'deployment',
      hostPort: { enable: node },
      service: {
        type: node ? 'ClusterIP' : 'LoadBalancer',
        externalTrafficPolicy: node ? '' : 'Local'
      },
      ingressClass: { name: 'nginx', create: true, setAsDefaultIngress: true },
      config: { entries: { 'proxy-connect-timeout': `${CONNECT_SECONDS}s` } },
      ...(node && INGRESS_NODE),
      resources: RESOURCES
    }
  }
}
