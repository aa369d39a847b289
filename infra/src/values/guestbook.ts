/** Values of the charts of this repository. A test checks them against the charts' schemas. */
import { replicasOf, type Config } from '../config/schema.ts'
import type { Image, ServiceImages } from '../service-images.ts'
import { releaseOf, services, type Service } from '../services.ts'
import { BUFFER_REQUEST_BODIES } from './ingress.ts'
import { catalogImage } from './registry.ts'

/** NodePort of the public service, without the ingress. */
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
    metrics: {
      enabled: config.monitoring.prometheus,
      image: catalogImage(config, 'mongodb-exporter')
    },
    serviceMonitor: { enabled: config.monitoring.prometheus },
    backup: { enabled: mongodb.backup }
  }
}

/** Values that only one service's chart has, by its name. */
const OWN_VALUES: Readonly<Record<string, (config: Config) => object>> = {
  backend: ({ mongodb }) => ({
    ...(mongodb.mode === 'external' && {
      mongodb: {
        existingSecret: { name: 'mongodb-uri', key: 'uri' },
        externalCIDRs: mongodb.cidrs
      }
    }),
    moderatorToken: tokens('moderator-token')
  })
}

/** Values of a service's chart. @param image undefined where a file in Git names it */
export function serviceValues (config: Config, service: Service, image?: Image) {
  const replicas = replicasOf(config, service.name)
  return {
    replicas,
    ...(image && { image }),
    ...(config.guestbook.autoscaling && {
      autoscaling: { enabled: true, minReplicas: replicas, maxReplicas: 4 * replicas }
    }),
    ...(config.monitoring.traces && { otlpEndpoint: COLLECTOR }),
    serviceMonitor: { enabled: config.monitoring.prometheus },
    ...(config.guestbook.faultSwitch && { faultsToken: tokens('faults-token') }),
    ...(service.public && publicValues(config)),
    ...OWN_VALUES[service.name]?.(config)
  }
}

const publicValues = (config: Config) => ({
  ...(config.target.type === 'kind' && {
    service: { type: 'NodePort', nodePort: GUESTBOOK_NODE_PORT }
  }),
  ingress: { hosts: config.hosts.guestbook, annotations: BUFFER_REQUEST_BODIES }
})

/** A release of a chart of this repository, by Terraform or by Argo CD. */
export interface Workload {
  /** Name of the release and of its chart. */
  readonly name: string
  readonly values: object
  /** Undefined for MongoDB, whose images are third-party. */
  readonly service?: Service
}

/** @param images undefined where files in Git name the images */
export const workloadsOf = (config: Config, images: ServiceImages = {}): Workload[] => [
  ...(config.mongodb.mode === 'replicaSet'
    ? [{ name: 'guestbook-mongodb', values: mongodbValues(config) }]
    : []),
  ...services.map(service => ({
    name: releaseOf(service),
    values: serviceValues(config, service, images[service.name]),
    service
  }))
]
