import type { ValueOverrides } from './index.ts'

export const resources = { requests: { cpu: '75m', memory: '100Mi' }, limits: { memory: '1000Mi' } }

/** Values that all charts have. */
export const common: ValueOverrides = {
  'image.repository': { to: 'registry.example:5000/guestbook' },
  'image.tag': { to: '1.2.3' },
  'image.digest': { to: `sha256:${'a'.repeat(64)}` },
  'image.pullPolicy': { to: 'Always' },
  'image.pullSecrets': { to: ['registry'] },
  fullnameOverride: { to: 'other' },
  commonLabels: { to: { team: 'guests' } },
  podAnnotations: { to: { note: 'text' } },
  'topologySpread.whenUnsatisfiable': { to: 'DoNotSchedule' },
  'networkPolicy.monitoringNamespaces': { to: ['observability'] },
  'serviceMonitor.interval': { to: '30s', with: { 'serviceMonitor.enabled': true } },
  'serviceMonitor.labels': {
    to: { release: 'prometheus' },
    with: { 'serviceMonitor.enabled': true }
  },
  resources: { to: resources },
  nodeSelector: { to: { disk: 'fast' } },
  tolerations: { to: [{ key: 'dedicated', operator: 'Exists' }] },
  affinity: { to: { nodeAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [] } } }
}
