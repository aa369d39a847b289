/** What our own charts are given. Their schemas refuse what they do not know; a test checks these values against them. */
import type { Config } from '../config/schema.ts'
import type { Image } from '../service-images.ts'
import { BUFFER_REQUEST_BODIES } from './ingress.ts'
import { catalogImage } from './registry.ts'

/** Port of the nodes that leads to the guestbook past the ingress. */
export const GUESTBOOK_NODE_PORT = 30002

const COLLECTOR = 'http://tempo.monitoring:4318'
const tokens = (key: string) => ({ existingSecret: { name: 'guestbook-tokens', key } })

/** Values of charts/guestbook-mongodb. */
export function mongodbValues (config: Config) {
  const { mongodb } = config
  if (mongodb.mode !== 'replicaSet') throw new Error('MongoDB is not in the cluster')
  return {
    replicas: mongodb.members,
    image: catalogImage(config, 'mongodb'),
    persistence: { size: mongodb.size },
    metrics: { enabled: config.monitoring.prometheus, image: catalogImage(config, 'mongodb-exporter') },
    serviceMonitor: { enabled: config.monitoring.prometheus },
    backup: { enabled: mongodb.backup }
  }
}

/** Values of charts/guestbook-backend. @param image none where something else names it */
export function backendValues (config: Config, image?: Image) {
  const { mongodb } = config
  return {
    ...service(config, image, config.guestbook.backendReplicas),
    ...(mongodb.mode === 'external' && {
      mongodb: {
        existingSecret: { name: 'mongodb-uri', key: 'uri' },
        externalCIDRs: mongodb.cidrs
      }
    }),
    moderatorToken: tokens('moderator-token')
  }
}

/** Values of charts/guestbook-frontend. @param image none where something else names it */
export function frontendValues (config: Config, image?: Image) {
  return {
    ...service(config, image, config.guestbook.frontendReplicas),
    ...(config.target.type === 'kind' && {
      service: { type: 'NodePort', nodePort: GUESTBOOK_NODE_PORT }
    }),
    ingress: { hosts: config.hosts.guestbook, annotations: BUFFER_REQUEST_BODIES }
  }
}

/** What both services have alike. */
function service (config: Config, image: Image | undefined, replicas: number) {
  return {
    replicas,
    ...(image && { image }),
    ...(config.guestbook.autoscaling && {
      autoscaling: { enabled: true, minReplicas: replicas, maxReplicas: 4 * replicas }
    }),
    ...(config.monitoring.traces && { otlpEndpoint: COLLECTOR }),
    serviceMonitor: { enabled: config.monitoring.prometheus },
    ...(config.guestbook.faultSwitch && { faultsToken: tokens('faults-token') })
  }
}
