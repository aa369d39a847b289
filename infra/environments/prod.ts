import type { ConfigInput } from '../src/config/schema.ts'

/**
 * A cluster that exists, with nightly backups, a month of metrics, pods that follow the load, and no
 * fault switch.
 */
export default {
  target: { type: 'context', context: 'guestbook-prod' },
  images: { repository: 'ghcr.io/guestbook' },
  profile: 'full',
  hosts: {
    guestbook: ['guestbook.example'],
    grafana: 'grafana.guestbook.example',
    prometheus: 'prometheus.guestbook.example'
  },
  mongodb: { mode: 'replicaSet', members: 3, size: '32Gi', backup: true },
  guestbook: { backendReplicas: 3, frontendReplicas: 3, autoscaling: true, faultSwitch: false }
} satisfies ConfigInput
