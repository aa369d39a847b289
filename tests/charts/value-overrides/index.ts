import type { Json } from '../helm.ts'
import { mongodb } from './mongodb.ts'
import { backend, frontend, secretNames } from './services.ts'

/** The new content of a value, and other values (paths in dots) that it needs to have an effect. */
export interface ValueOverride { readonly to: unknown, readonly with?: Json }
/** By the value's path. Numbers and booleans without an entry are incremented or negated. */
export type ValueOverrides = Readonly<Record<string, ValueOverride>>

export const VALUE_OVERRIDES: Readonly<Record<string, ValueOverrides>> = {
  'guestbook-backend': backend,
  'guestbook-frontend': frontend,
  'guestbook-mongodb': mongodb
}

/** Values with which each chart renders all its objects and variables. */
export const ALL_FEATURES: Readonly<Record<string, Json>> = {
  'guestbook-backend': {
    'ingress.enabled': true,
    'serviceMonitor.enabled': true,
    'autoscaling.enabled': true,
    otlpEndpoint: 'http://tempo.monitoring:4318',
    ...secretNames('backend')
  },
  'guestbook-frontend': {
    publicOrigin: 'https://guestbook.example',
    'service.type': 'NodePort',
    'serviceMonitor.enabled': true,
    'autoscaling.enabled': true,
    otlpEndpoint: 'http://tempo.monitoring:4318',
    ...secretNames('frontend')
  },
  'guestbook-mongodb': {
    replicas: 3,
    'metrics.enabled': true,
    'serviceMonitor.enabled': true,
    'backup.enabled': true,
    'restore.archive': 'latest',
    'restore.run': 'first'
  }
}
