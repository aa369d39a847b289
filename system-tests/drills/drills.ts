/** The fault that must raise each alert, and the time until its page. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Fault } from '../lib/faults-client.ts'
import type { ServiceName } from '../lib/service.ts'
import type { DrillEnvironment } from './drill.ts'
import type { Guestbook } from './guestbook.ts'
import type { Heartbeat } from './heartbeat.ts'

export interface LocalEnvironment extends DrillEnvironment {
  guestbook: Guestbook
  heartbeat: Heartbeat
}

export interface ExpectedPage {
  /** Uid of the rule. */
  rule: string
  /** The objective, for a rule that watches several. */
  slo?: string
  /** Production time from the fault to the page, and from its end to the resolution. */
  within: string
  resolvedWithin: string
}

export interface Drill<Environment = LocalEnvironment> {
  fault: string
  pages: ExpectedPage[]
  begin: (environment: Environment) => Promise<void>
  end: (environment: Environment) => Promise<void>
}

/** Grafana records a notification after sending it, so that it loses one that it sends last. */
const GRAFANA_RECORDS_MS = 3000

export const soon = { within: '6m', resolvedWithin: '8m' }
export const later = { within: '18m', resolvedWithin: '15m' }
const slo = 'backend-availability'

/** The fault switch of a service. */
const injected = (service: ServiceName, fault: Fault): Pick<Drill, 'begin' | 'end'> => ({
  begin: async ({ guestbook }) => { await guestbook.setFault(service, fault) },
  end: async ({ guestbook }) => { await guestbook.setFault(service, null) }
})

/** A process stops. */
interface Stoppable { stop: () => Promise<unknown>, start: () => Promise<unknown> }

const stopped = (
  server: (environment: LocalEnvironment) => Stoppable
): Pick<Drill, 'begin' | 'end'> => ({
  begin: async environment => { await server(environment).stop() },
  end: async environment => { await server(environment).start() }
})

/** @throws Error when a service is not ready */
async function assertServicesReady ({ ports }: Guestbook): Promise<void> {
  for (const port of [ports.frontend, ports.backend]) {
    const { status } = await fetch(`http://127.0.0.1:${port}/ready`)
    if (status !== 200) throw new Error('The services must be ready in this drill.')
  }
}

export const drills: Drill[] = [
  {
    fault: 'half of the requests of the backend fail, for hours',
    pages: [
      { rule: 'backend-errors', ...soon, resolvedWithin: '12m' },
      { rule: 'slo-burn-page-fast', slo, within: '8m', resolvedWithin: '12m' },
      { rule: 'slo-burn-page-slow', slo, within: '25m', resolvedWithin: '45m' },
      { rule: 'slo-burn-ticket-fast', slo, within: '90m', resolvedWithin: '150m' },
      { rule: 'slo-burn-ticket-slow', slo, within: '4h', resolvedWithin: '7h' }
    ],
    ...injected('backend', { errorRate: 0.5 })
  },
  {
    fault: 'the backend stops, and the alerting engine restarts while the fault ends',
    pages: [{ rule: 'backend-down', within: '6m', resolvedWithin: '20m' }],
    begin: async ({ guestbook }) => { await guestbook.services.backend.stop() },
    end: async ({ guestbook, engine }) => {
      await sleep(GRAFANA_RECORDS_MS)
      await engine.stop()
      await guestbook.services.backend.start()
      await engine.start()
    }
  },
  {
    fault: 'Prometheus stops',
    pages: [
      { rule: 'watchdog', ...soon, within: '15m' },
      { rule: 'prometheus-unreachable', ...soon, within: '10m' }
    ],
    ...stopped(({ guestbook }) => guestbook.prometheus)
  },
  {
    fault: 'the alerting engine stops',
    pages: [{ rule: 'watchdog', ...soon, within: '15m', resolvedWithin: '20m' }],
    ...stopped(({ engine }) => engine)
  },
  {
    fault: 'the heartbeat cannot be delivered',
    pages: [{ rule: 'watchdog', ...soon, within: '15m' }],
    begin: async ({ heartbeat }) => { heartbeat.unreachable = true },
    end: async ({ heartbeat }) => { heartbeat.unreachable = false }
  },
  {
    fault: 'the only frontend stops',
    pages: [{ rule: 'frontend-down', ...soon }],
    ...stopped(({ guestbook }) => guestbook.services.frontend)
  },
  {
    fault: 'the only backend stops',
    pages: [{ rule: 'backend-down', ...soon }],
    ...stopped(({ guestbook }) => guestbook.services.backend)
  },
  {
    fault: 'the frontend adds 1.2 s to every request',
    pages: [
      { rule: 'frontend-latency', ...soon, within: '12m', resolvedWithin: '12m' },
      { rule: 'visitor-probe-slow', ...later, within: '25m' }
    ],
    ...injected('frontend', { latencyMs: 1200 })
  },
  {
    fault: 'the backend adds 0.8 s to every request',
    pages: [{ rule: 'backend-latency', ...soon, within: '12m', resolvedWithin: '12m' }],
    ...injected('backend', { latencyMs: 800 })
  },
  {
    fault: 'a quarter of the requests of the frontend fail',
    pages: [{ rule: 'frontend-errors', ...soon, resolvedWithin: '12m' }],
    ...injected('frontend', { errorRate: 0.25 })
  },
  {
    fault: 'the ingress stops while both services are ready',
    pages: [{ rule: 'visitor-probe-failing', ...soon }],
    begin: async ({ guestbook }) => {
      guestbook.ingress.stop()
      await assertServicesReady(guestbook)
    },
    end: async ({ guestbook }) => { await guestbook.ingress.start() }
  },
  {
    fault: 'mongod stops',
    pages: [
      { rule: 'mongodb-down', ...soon, within: '10m' },
      { rule: 'store-unavailable', ...soon, resolvedWithin: '12m' }
    ],
    begin: async ({ guestbook }) => { await guestbook.mongod.stop() },
    end: async ({ guestbook }) => { await guestbook.startMongod() }
  },
  {
    fault: '85 of 100 connections of MongoDB are taken',
    pages: [{ rule: 'mongodb-connections', ...later }],
    begin: async ({ guestbook }) => { await guestbook.holdConnections(85) },
    end: async ({ guestbook }) => { await guestbook.holdConnections(0) }
  },
  {
    fault: 'the prober stops',
    pages: [{ rule: 'scrape-target-down', ...later }],
    ...stopped(({ guestbook }) => guestbook.blackbox)
  },
  {
    fault: 'the cluster reports a crash loop, a full volume and no backup for 29 hours',
    pages: [
      { rule: 'pod-crash-looping', ...later, resolvedWithin: '20m' },
      { rule: 'volume-filling', ...later, within: '24m' },
      { rule: 'mongodb-backup-overdue', ...later }
    ],
    begin: async ({ guestbook }) => {
      Object.assign(guestbook.cluster, { crashing: true, volumeLeft: 0.1, hoursSinceBackup: 29 })
    },
    end: async ({ guestbook }) => {
      Object.assign(guestbook.cluster, { crashing: false, volumeLeft: 0.6, hoursSinceBackup: 3 })
    }
  }
]
