/** Faults of a deployed platform and the pages they must raise; the rules on a cluster's metrics among them. */
import type { Drill } from '../drills.ts'
import type { Place } from '../drill.ts'
import type { Heartbeat } from '../heartbeat.ts'
import { backupOverdue, prometheusStopped, scaledAway, wrongSetting, type Fault } from './faults.ts'
import { volumeFilled } from './volume.ts'

export interface ClusterPlace extends Place {
  heartbeat: Heartbeat
  /** Fails when a visitor who goes past the ingress gets no page. */
  pageOpens: () => Promise<void>
}

const soon = { within: '6m', resolvedWithin: '8m' }
const later = { within: '18m', resolvedWithin: '15m' }

const frontend = scaledAway('guestbook', 'deployment/guestbook-frontend')
const backend = scaledAway('guestbook', 'deployment/guestbook-backend')
const mongodb = scaledAway('guestbook', 'statefulset/guestbook-mongodb')
const ingress = scaledAway('ingress', 'deployment/ingress')
const prober = scaledAway('monitoring', 'deployment/blackbox')

/** Visitors feel none of these. */
const calm = (backups: boolean): Fault[] => [
  wrongSetting,
  volumeFilled,
  ...(backups ? [backupOverdue] : [])
]

/** `backups`: whether MongoDB is backed up at all. */
export const clusterDrills = (backups: boolean): Array<Drill<ClusterPlace>> => [
  {
    fault: `a release with a wrong setting, a volume that is filled${backups ? ', no backup for 29 hours' : ''}`,
    pages: [
      { rule: 'pod-crash-looping', ...later, resolvedWithin: '20m' },
      { rule: 'volume-filling', ...later, within: '24m' },
      ...(backups ? [{ rule: 'mongodb-backup-overdue', ...later }] : [])
    ],
    begin: async ({ pageOpens }) => {
      for (const { begin } of calm(backups)) await begin()
      await pageOpens()
    },
    end: async () => {
      await Promise.all(
        calm(backups).map(async ({ end }) => {
          await end()
        })
      )
    }
  },
  { fault: 'the prober is gone', pages: [{ rule: 'scrape-target-down', ...later }], ...prober },
  {
    fault: 'no ingress is left while all services are well',
    pages: [{ rule: 'visitor-probe-failing', ...soon }],
    begin: async ({ pageOpens }) => {
      await ingress.begin()
      await pageOpens()
    },
    end: ingress.end
  },
  {
    fault: 'MongoDB is gone',
    pages: [
      { rule: 'mongodb-down', ...soon, within: '10m' },
      { rule: 'store-unavailable', ...soon, resolvedWithin: '12m' }
    ],
    ...mongodb
  },
  { fault: 'no backend is left', pages: [{ rule: 'backend-down', ...soon }], ...backend },
  { fault: 'no frontend is left', pages: [{ rule: 'frontend-down', ...soon }], ...frontend },
  {
    fault: 'Prometheus is gone',
    pages: [
      { rule: 'watchdog', ...soon, within: '15m' },
      { rule: 'prometheus-unreachable', ...soon, within: '10m' }
    ],
    ...prometheusStopped()
  },
  {
    fault: 'Grafana is gone',
    pages: [{ rule: 'watchdog', ...soon, within: '15m', resolvedWithin: '20m' }],
    begin: async ({ engine }) => {
      await engine.stop()
    },
    end: async ({ engine }) => {
      await engine.start()
    }
  }
]
