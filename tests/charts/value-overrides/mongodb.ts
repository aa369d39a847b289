import { common, resources } from './common.ts'
import type { ValueOverrides } from './index.ts'

const measured = { 'metrics.enabled': true }
const backedUp = { 'backup.enabled': true }
const restored = { ...backedUp, 'restore.archive': 'latest', 'restore.run': 'first' }

export const mongodb: ValueOverrides = {
  ...common,
  replicas: { to: 3 },
  'auth.existingSecret': { to: 'mine' },
  'persistence.size': { to: '16Gi' },
  'persistence.storageClass': { to: 'fast' },
  'persistence.accessModes': { to: ['ReadWriteOncePod'] },
  agentResources: { to: resources },
  priorityClassName: { to: 'important' },
  'topologySpread.whenUnsatisfiable': { to: 'DoNotSchedule', with: { replicas: 3 } },
  'networkPolicy.clientLabels': { to: { app: 'backend' } },
  'networkPolicy.monitoringNamespaces': { to: ['observability'], with: measured },
  'metrics.image.repository': { to: 'registry.example/exporter', with: measured },
  'metrics.image.tag': { to: '1.2.3', with: measured },
  'metrics.image.digest': { to: `sha256:${'a'.repeat(64)}`, with: measured },
  'metrics.resources': { to: resources, with: measured },
  'serviceMonitor.enabled': { to: true, with: measured },
  'serviceMonitor.interval': { to: '30s', with: { ...measured, 'serviceMonitor.enabled': true } },
  'serviceMonitor.labels': {
    to: { release: 'prometheus' },
    with: { ...measured, 'serviceMonitor.enabled': true }
  },
  'backup.schedule': { to: '0 * * * *', with: backedUp },
  'backup.timeZone': { to: 'Europe/Berlin', with: backedUp },
  'backup.keep': { to: 3, with: backedUp },
  'backup.persistence.existingClaim': { to: 'backups', with: backedUp },
  'backup.persistence.size': { to: '16Gi', with: backedUp },
  'backup.persistence.storageClass': { to: 'slow', with: backedUp },
  'backup.persistence.accessModes': { to: ['ReadWriteMany'], with: backedUp },
  'backup.resources': { to: resources, with: backedUp },
  'restore.archive': { to: '2026-11-21.archive.gz', with: restored },
  'restore.run': { to: 'second', with: restored },
  'restore.deadlineSeconds': { to: 60, with: restored }
}
