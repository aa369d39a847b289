/** Every alert, the fault that must raise it, and how soon somebody must know. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Place } from './drill.ts'
import type { Guestbook } from './guestbook.ts'
import type { Heartbeat } from './heartbeat.ts'

export interface Scene extends Place { guestbook: Guestbook, heartbeat: Heartbeat }

export interface ExpectedPage {
  /** Uid of the rule. */
  rule: string
  /** Where a rule watches several objectives: which one. */
  slo?: string
  /** Time of production between the fault's begin and the page, and between its end and the page's end. */
  within: string
  resolvedWithin: string
}

export interface Drill<Where = Scene> {
  fault: string
  pages: ExpectedPage[]
  begin: (place: Where) => Promise<void>
  end: (place: Where) => Promise<void>
}

/** Grafana notes what it sent just after sending it; a page that leaves in the moment of its end is forgotten. */
const NOTING_MS = 3000

const soon = { within: '6m', resolvedWithin: '8m' }
const later = { within: '18m', resolvedWithin: '15m' }

/** Waits for what a fault should not have touched. */
async function bothServicesAnswer ({ ports }: Guestbook): Promise<void> {
  for (const port of [ports.frontend, ports.backend]) {
    const { status } = await fetch(`http://127.0.0.1:${port}/ready`)
    if (status !== 200) throw new Error('The services were to be well in this drill.')
  }
}

export const drills: Drill[] = [
  {
    fault: 'half of the answers of the backend fail, for hours',
    pages: [
      { rule: 'backend-errors', ...soon, resolvedWithin: '12m' },
      { rule: 'slo-burn-page-fast', slo: 'backend-availability', within: '8m', resolvedWithin: '12m' },
      {
        rule: 'slo-burn-page-slow',
        slo: 'backend-availability',
        within: '25m',
        resolvedWithin: '45m'
      },
      {
        rule: 'slo-burn-ticket-fast',
        slo: 'backend-availability',
        within: '90m',
        resolvedWithin: '150m'
      },
      {
        rule: 'slo-burn-ticket-slow',
        slo: 'backend-availability',
        within: '4h',
        resolvedWithin: '7h'
      }
    ],
    begin: async ({ guestbook }) => {
      await guestbook.fault('backend', { errorRate: 0.5 })
    },
    end: async ({ guestbook }) => {
      await guestbook.fault('backend', null)
    }
  },
  {
    fault: 'the backend stops, and alerting restarts while the fault ends',
    pages: [{ rule: 'backend-down', within: '6m', resolvedWithin: '20m' }],
    begin: async ({ guestbook }) => {
      await guestbook.services.backend.stop()
    },
    end: async ({ guestbook, engine }) => {
      await sleep(NOTING_MS)
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
    begin: async ({ guestbook }) => {
      await guestbook.prometheus.stop()
    },
    end: async ({ guestbook }) => {
      await guestbook.prometheus.start()
    }
  },
  {
    fault: 'what evaluates and delivers stops',
    pages: [{ rule: 'watchdog', ...soon, within: '15m', resolvedWithin: '20m' }],
    begin: async ({ engine }) => {
      await engine.stop()
    },
    end: async ({ engine }) => {
      await engine.start()
    }
  },
  {
    fault: 'messages do not get out',
    pages: [{ rule: 'watchdog', ...soon, within: '15m' }],
    begin: async ({ heartbeat }) => {
      heartbeat.unreachable = true
    },
    end: async ({ heartbeat }) => {
      heartbeat.unreachable = false
    }
  },
  {
    fault: 'the only frontend stops',
    pages: [{ rule: 'frontend-down', ...soon }],
    begin: async ({ guestbook }) => {
      await guestbook.services.frontend.stop()
    },
    end: async ({ guestbook }) => {
      await guestbook.services.frontend.start()
    }
  },
  {
    fault: 'the only backend stops',
    pages: [{ rule: 'backend-down', ...soon }],
    begin: async ({ guestbook }) => {
      await guestbook.services.backend.stop()
    },
    end: async ({ guestbook }) => {
      await guestbook.services.backend.start()
    }
  },
  {
    fault: 'every answer of the frontend takes 1.2 s longer',
    pages: [
      { rule: 'frontend-latency', ...soon, within: '12m', resolvedWithin: '12m' },
      { rule: 'visitor-probe-slow', ...later, within: '25m' }
    ],
    begin: async ({ guestbook }) => {
      await guestbook.fault('frontend', { latencyMs: 1200 })
    },
    end: async ({ guestbook }) => {
      await guestbook.fault('frontend', null)
    }
  },
  {
    fault: 'every answer of the backend takes 0.8 s longer',
    pages: [{ rule: 'backend-latency', ...soon, within: '12m', resolvedWithin: '12m' }],
    begin: async ({ guestbook }) => {
      await guestbook.fault('backend', { latencyMs: 800 })
    },
    end: async ({ guestbook }) => {
      await guestbook.fault('backend', null)
    }
  },
  {
    fault: 'one in four answers of the frontend fails',
    pages: [{ rule: 'frontend-errors', ...soon, resolvedWithin: '12m' }],
    begin: async ({ guestbook }) => {
      await guestbook.fault('frontend', { errorRate: 0.25 })
    },
    end: async ({ guestbook }) => {
      await guestbook.fault('frontend', null)
    }
  },
  {
    fault: 'the ingress stops while all services are well',
    pages: [{ rule: 'visitor-probe-failing', ...soon }],
    begin: async ({ guestbook }) => {
      guestbook.ingress.stop()
      await bothServicesAnswer(guestbook)
    },
    end: async ({ guestbook }) => {
      await guestbook.ingress.start()
    }
  },
  {
    fault: 'mongod stops',
    pages: [
      { rule: 'mongodb-down', ...soon, within: '10m' },
      { rule: 'store-unavailable', ...soon, resolvedWithin: '12m' }
    ],
    begin: async ({ guestbook }) => {
      await guestbook.mongod.stop()
    },
    end: async ({ guestbook }) => {
      await guestbook.startMongod()
    }
  },
  {
    fault: 'something holds 85 of 100 connections of MongoDB',
    pages: [{ rule: 'mongodb-connections', ...later }],
    begin: async ({ guestbook }) => {
      await guestbook.holdConnections(85)
    },
    end: async ({ guestbook }) => {
      await guestbook.holdConnections(0)
    }
  },
  {
    fault: 'the prober stops',
    pages: [{ rule: 'scrape-target-down', ...later }],
    begin: async ({ guestbook }) => {
      await guestbook.blackbox.stop()
    },
    end: async ({ guestbook }) => {
      await guestbook.blackbox.start()
    }
  },
  {
    fault: 'the cluster tells of a crash loop, a full volume and no backup for 29 hours',
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
