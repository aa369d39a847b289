/** Every alert, the fault that must raise it, and how soon somebody must know. */
import type { Guestbook } from './guestbook.ts'

export interface Drill {
  fault: string
  /** Rules that must page, and how long after the fault began and was over, in the time of production. */
  pages: Array<{ rule: string, service?: string, slo?: string, within: string, resolvedWithin: string }>
  begin: (guestbook: Guestbook) => Promise<void>
  end: (guestbook: Guestbook) => Promise<void>
}

export const drills: Drill[] = [
  {
    fault: 'the only frontend stops',
    pages: [{ rule: 'frontend-down', within: '4m', resolvedWithin: '5m' }],
    begin: async ({ services }) => { await services.frontend.stop() },
    end: async ({ services }) => { await services.frontend.start() }
  },
  {
    fault: 'the only backend stops',
    pages: [{ rule: 'backend-down', within: '4m', resolvedWithin: '5m' }],
    begin: async ({ services }) => { await services.backend.stop() },
    end: async ({ services }) => { await services.backend.start() }
  },
  {
    fault: 'half of the backend\'s answers fail, for hours',
    pages: [
      { rule: 'slo-burn-fast', slo: 'backend-availability', within: '7m', resolvedWithin: '10m' },
      { rule: 'slo-burn-slow', slo: 'backend-availability', within: '25m', resolvedWithin: '40m' },
      { rule: 'slo-burn-creeping', slo: 'backend-availability', within: '90m', resolvedWithin: '3h' },
      { rule: 'slo-burn-lasting', slo: 'backend-availability', within: '4h', resolvedWithin: '7h' }
    ],
    begin: async guestbook => { await guestbook.fault('backend', { errorRate: 0.5 }) },
    end: async guestbook => { await guestbook.fault('backend', null) }
  }
]
