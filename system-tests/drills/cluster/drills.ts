/** Faults of a deployed platform, with the pages that they must raise. */
import { later, soon, type Drill } from '../drills.ts'
import type { DrillEnvironment } from '../drill.ts'
import type { Heartbeat } from '../heartbeat.ts'
import {
  backupOverdue,
  invalidSetting,
  prometheusStopped,
  scaledToZero,
  type Fault
} from './faults.ts'
import { volumeFilled } from './volume.ts'

export interface ClusterEnvironment extends DrillEnvironment {
  heartbeat: Heartbeat
  /** Rejects when the frontend behind the ingress serves no page. */
  pageOpens: () => Promise<void>
}

const frontend = scaledToZero('guestbook', 'deployment/guestbook-frontend')
const backend = scaledToZero('guestbook', 'deployment/guestbook-backend')
const mongodb = scaledToZero('guestbook', 'statefulset/guestbook-mongodb')
const ingress = scaledToZero('ingress', 'deployment/ingress')
const prober = scaledToZero('monitoring', 'deployment/blackbox')

/** Faults without an effect on visitors. */
const invisible = (backups: boolean): Fault[] => [
  invalidSetting,
  volumeFilled,
  ...(backups ? [backupOverdue] : [])
]

/** `backups`: whether backups are enabled. */
export const clusterDrills = (backups: boolean): Array<Drill<ClusterEnvironment>> => [
  {
    fault: [
      'a release with an invalid setting, a full volume',
      ...(backups ? ['no backup for 29 hours'] : [])
    ].join(', '),
    pages: [
      { rule: 'pod-crash-looping', ...later, resolvedWithin: '20m' },
      { rule: 'volume-filling', ...later, within: '24m' },
      ...(backups ? [{ rule: 'mongodb-backup-overdue', ...later }] : [])
    ],
    begin: async ({ pageOpens }) => {
      for (const { begin } of invisible(backups)) await begin()
      await pageOpens()
    },
    end: async () => {
      await Promise.all(invisible(backups).map(async ({ end }) => { await end() }))
    }
  },
  {
    fault: 'the prober is scaled to zero',
    pages: [{ rule: 'scrape-target-down', ...later }],
    ...prober
  },
  {
    fault: 'the ingress is scaled to zero',
    pages: [{ rule: 'visitor-probe-failing', ...soon }],
    begin: async ({ pageOpens }) => {
      await ingress.begin()
      await pageOpens()
    },
    end: ingress.end
  },
  {
    fault: 'MongoDB is scaled to zero',
    pages: [
      { rule: 'mongodb-down', ...soon, within: '10m' },
      { rule: 'store-unavailable', ...soon, resolvedWithin: '12m' }
    ],
    ...mongodb
  },
  {
    fault: 'the backend is scaled to zero',
    pages: [{ rule: 'backend-down', ...soon }],
    ...backend
  },
  {
    fault: 'the frontend is scaled to zero',
    pages: [{ rule: 'frontend-down', ...soon }],
    ...frontend
  },
  {
    fault: 'Prometheus is stopped',
    pages: [
      { rule: 'watchdog', ...soon, within: '15m' },
      { rule: 'prometheus-unreachable', ...soon, within: '10m' }
    ],
    ...prometheusStopped()
  },
  {
    fault: 'Grafana is scaled to zero',
    pages: [{ rule: 'watchdog', ...soon, within: '15m', resolvedWithin: '20m' }],
    begin: async ({ engine }) => { await engine.stop() },
    end: async ({ engine }) => { await engine.start() }
  }
]
