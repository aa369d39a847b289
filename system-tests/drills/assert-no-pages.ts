import { setTimeout as sleep } from 'node:timers/promises'
import { say } from './drill.ts'
import type { Guestbook } from './guestbook.ts'
import type { PagerDuty } from './pagerduty.ts'

const RESTART_INTERVAL_MS = 5 * 60_000

/** Restarts services under traffic, without faults. @throws Error when a page arrives */
export async function assertNoPages (
  minutes: number,
  { services }: Guestbook,
  pagerDuty: PagerDuty
): Promise<void> {
  const ends = Date.now() + minutes * 60_000
  const pages = () => pagerDuty.arrivals.filter(({ event }) => event.event_action === 'trigger')
  say(`${minutes} minutes with traffic and restarts, without faults`)
  for (let turn = 0; Date.now() < ends; turn++) {
    await sleep(Math.min(RESTART_INTERVAL_MS, Math.max(ends - Date.now(), 0)))
    if (Date.now() >= ends) break
    const name = turn % 2 === 0 ? 'backend' : 'frontend'
    await services[name].stop()
    await services[name].start()
    say(`  the ${name} was restarted; pages so far: ${pages().length}`)
  }
  if (pages().length > 0) {
    const summaries = pages().map(({ event }) => event.payload?.summary)
    throw new Error(`Expected no page, but received: ${summaries.join('; ')}`)
  }
  say('0 pages')
}
