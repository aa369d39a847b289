import type { Json } from '../helm.ts'
import { mongodb } from './mongodb.ts'
import { backend, frontend } from './services.ts'

/** What a documented value is changed to, and what must be set (paths in dots) for it to matter at all. */
export interface Knob { readonly to: unknown, readonly with?: Json }
/** By the value's path. Numbers and switches that need nothing else are left out: they are changed by one, or over. */
export type Knobs = Readonly<Record<string, Knob>>

export const KNOBS: Readonly<Record<string, Knobs>> = {
  'guestbook-backend': backend,
  'guestbook-frontend': frontend,
  'guestbook-mongodb': mongodb
}

/** Values by which each chart renders every object it has. */
export const EVERYTHING: Readonly<Record<string, Json>> = {
  'guestbook-backend': {
    'ingress.enabled': true,
    'serviceMonitor.enabled': true,
    'autoscaling.enabled': true,
    otlpEndpoint: 'http://tempo.monitoring:4318',
    'faultsToken.existingSecret.name': 'tokens',
    'moderatorToken.existingSecret.name': 'tokens'
  },
  'guestbook-frontend': {
    publicOrigin: 'https://guestbook.example',
    'service.type': 'NodePort',
    'serviceMonitor.enabled': true,
    'autoscaling.enabled': true,
    otlpEndpoint: 'http://tempo.monitoring:4318',
    'faultsToken.existingSecret.name': 'tokens'
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
