import { chartSettings } from '../../../scripts/charts/settings.ts'
import { SETTINGS } from '../../../scripts/settings.ts'
import type { Json } from '../helm.ts'
import { common } from './common.ts'
import type { ValueOverrides } from './index.ts'

const scaled = { 'autoscaling.enabled': true }
const withIngress = { 'ingress.enabled': true }

/** Values that the charts of both services have. */
const service: ValueOverrides = {
  ...common,
  trustProxy: { to: '10.0.0.0/8' },
  otlpEndpoint: { to: 'http://tempo.monitoring:4318' },
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

const secretsOf = (name: string) =>
  chartSettings(SETTINGS[name]!).filter(({ secret }) => secret).map(({ chart }) => chart.value)

/** Values that give a service all its secrets. */
export const secretNames = (service: string): Json => Object.fromEntries(
  secretsOf(service).map(value => [`${value}.existingSecret.name`, 'tokens'])
)

/** Overrides of the secrets and enumerations among a service's settings. */
const settings = (name: string): ValueOverrides => Object.fromEntries([
  ...secretsOf(name).flatMap(value => [
    [`${value}.existingSecret.name`, { to: 'tokens' }],
    [`${value}.existingSecret.key`, {
      to: 'other', with: { [`${value}.existingSecret.name`]: 'tokens' }
    }]
  ]),
  ...chartSettings(SETTINGS[name]!).flatMap(({ chart, enum: choices = [], default: fallback }) =>
    choices.filter(choice => choice !== fallback).slice(0, 1).map(to => [chart.value, { to }])
  )
])

export const frontend: ValueOverrides = {
  ...service,
  ...settings('frontend'),
  publicOrigin: { to: 'https://guestbook.example, http://[::1]:8080' },
  backendUrl: { to: 'http://api:80' },
  'service.type': { to: 'LoadBalancer' },
  'service.nodePort': { to: 31000, with: { 'service.type': 'NodePort' } }
}

const embedded = { 'mongodb.enabled': false }

export const backend: ValueOverrides = {
  ...service,
  ...settings('backend'),
  'mongodb.existingSecret.name': { to: 'atlas' },
  'mongodb.existingSecret.key': { to: 'connection-string' },
  'mongodb.externalCIDRs': { to: ['192.0.2.0/24'] },
  'persistence.size': { to: '5Gi', with: embedded },
  'persistence.storageClass': { to: 'fast', with: embedded },
  'persistence.keep': { to: false, with: embedded }
}
