import { common } from './common.ts'
import type { Knobs } from './index.ts'

const scaled = { 'autoscaling.enabled': true }
const withIngress = { 'ingress.enabled': true }

/** Values that the charts of both services have. */
const service: Knobs = {
  ...common,
  logLevel: { to: 'debug' },
  trustProxy: { to: '10.0.0.0/8' },
  otlpEndpoint: { to: 'http://tempo.monitoring:4318' },
  'faultsToken.existingSecret.name': { to: 'tokens' },
  'faultsToken.existingSecret.key': {
    to: 'other',
    with: { 'faultsToken.existingSecret.name': 'tokens' }
  },
  extraEnv: { to: { NODE_OPTIONS: '--max-old-space-size=100' } },
  'ingress.className': { to: 'traefik', with: withIngress },
  'ingress.hosts': { to: ['guestbook.example.com'], with: withIngress },
  'ingress.tlsSecrets': {
    to: { 'a.example.com': 'a-tls' },
    with: { ...withIngress, 'ingress.hosts': ['a.example.com'] }
  },
  'ingress.annotations': { to: { note: 'text' }, with: withIngress },
  'autoscaling.minReplicas': { to: 3, with: scaled },
  'autoscaling.maxReplicas': { to: 9, with: scaled },
  'autoscaling.targetCPUUtilizationPercentage': { to: 50, with: scaled },
  'podDisruptionBudget.maxUnavailable': { to: '50%', with: { replicas: 3 } },
  'networkPolicy.ingressNamespaces': { to: ['traefik'], with: withIngress },
  'networkPolicy.ingressCIDRs': { to: ['192.0.2.0/24'] },
  'networkPolicy.extraEgress': { to: [{ to: [{ ipBlock: { cidr: '192.0.2.1/32' } }] }] }
}

export const frontend: Knobs = {
  ...service,
  publicOrigin: { to: 'https://guestbook.example, http://[::1]:8080' },
  backendUrl: { to: 'http://api:80' },
  'service.type': { to: 'LoadBalancer' },
  'service.nodePort': { to: 31000, with: { 'service.type': 'NodePort' } }
}

const embedded = { 'mongodb.enabled': false }

export const backend: Knobs = {
  ...service,
  'mongodb.existingSecret.name': { to: 'atlas' },
  'mongodb.existingSecret.key': { to: 'connection-string' },
  'mongodb.externalCIDRs': { to: ['192.0.2.0/24'] },
  'persistence.size': { to: '5Gi', with: embedded },
  'persistence.storageClass': { to: 'fast', with: embedded },
  'persistence.keep': { to: false, with: embedded },
  'moderatorToken.existingSecret.name': { to: 'tokens' },
  'moderatorToken.existingSecret.key': {
    to: 'other',
    with: { 'moderatorToken.existingSecret.name': 'tokens' }
  }
}
