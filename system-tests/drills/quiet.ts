/** A time in which nothing is wrong: visitors come, services are restarted one after the other, and nobody may be paged. */
import { setTimeout as sleep } from 'node:timers/promises'
import { say } from './drill.ts'
import type { Guestbook } from './guestbook.ts'
import type { PagerDuty } from './pagerduty.ts'

const RESTART_EVERY_MS = 5 * 60_000

export async function beQuiet (
  minutes: number,
  { services }: Guestbook,
  pagerDuty: PagerDuty
): Promise<void> {
  const ends = Date.now() + minutes * 60_000
  const pages = () => pagerDuty.arrivals.filter(({ event }) => event.event_action === 'trigger')
  say(`${minutes} quiet minutes with visitors and restarts`)
  for (let turn = 0; Date.now() < ends; turn++) {
    await sleep(Math.min(RESTART_EVERY_MS, Math.max(ends - Date.now(), 0)))
    if (Date.now() >= ends) break
    const name = turn % 2 === 0 ? 'backend' : 'frontend'
    await services[name].stop()
    await services[name].start()
    say(`  the ${name} was restarted; pages so far: ${pages().length}`)
  }
  if (pages().length > 0) {
    throw new Error(
      `Nobody was to be paged, but there came ${pages()
        .map(({ event }) => event.payload?.summary)
        .join('; ')}`
    )
  }
  say('0 pages')
}
