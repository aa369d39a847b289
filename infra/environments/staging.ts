import type { ConfigInput } from '../src/config/schema.ts'

/** As production, but smaller: a cluster that exists, two pods of each service, three members of MongoDB. */
export default {
  target: { type: 'context', context: 'guestbook-staging' },
  images: { repository: 'ghcr.io/guestbook' },
  hosts: {
    guestbook: ['staging.guestbook.example'],
    grafana: 'grafana.staging.guestbook.example',
    prometheus: 'prometheus.staging.guestbook.example'
  },
  mongodb: { mode: 'replicaSet', members: 3 },
  guestbook: { backendReplicas: 2, frontendReplicas: 2 }
} satisfies ConfigInput
