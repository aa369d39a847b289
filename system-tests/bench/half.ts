import { eventLoopDelayMs, type Contestant, type GuestbookContestant } from './contestants.ts'
import { measureRound } from './measure.ts'
import type { ServerProcess } from '../lib/server-process.ts'
import { median } from './summary.ts'
import type { Kind } from './wrk.ts'

/** More than at saturation, so that pauses are long beside the millisecond that wrk counts them in. */
const CONNECTIONS = 64

export interface HalfLoad {
  /** Requests a second that were reached. */
  rate: number
  p50Ms: number
  p99Ms: number
  /** p99 of the guestbook's own services, 10 ms of which are the measurement's own interval. */
  eventLoopDelayMs?: Record<'frontend' | 'backend', number>
}

export interface HalfLoadOptions {
  contestant: Contestant
  of: 'page' | 'api'
  kind: Kind
  /** Requests a second at saturation, as measured before. */
  saturation: number
  mongod: ServerProcess
  rounds: number
  seconds: number
}

/** Half of what a contestant can take: how long do visitors wait then? */
export async function measureHalf ({
  contestant,
  of,
  kind,
  saturation,
  mongod,
  rounds,
  seconds
}: HalfLoadOptions): Promise<HalfLoad> {
  const load = {
    url: contestant.urls[of],
    kind,
    connections: CONNECTIONS,
    seconds,
    delayMs: (CONNECTIONS / (saturation / 2)) * 1000
  }
  const delays =
    'managementUrls' in contestant
      ? (contestant as GuestbookContestant).managementUrls
      : undefined
  const measured = []
  const delay = { frontend: [] as number[], backend: [] as number[] }
  for (let round = 0; round < rounds; round++) {
    if (delays) await Promise.all(Object.values(delays).map(eventLoopDelayMs)) // a new measurement begins
    measured.push(await measureRound(contestant, mongod, load))
    if (delays) {
      for (const name of ['frontend', 'backend'] as const) {
        delay[name].push(await eventLoopDelayMs(delays[name]))
      }
    }
  }
  return {
    rate: median(measured.map(({ requests, seconds }) => requests / seconds)),
    p50Ms: median(measured.map(({ p50Ms }) => p50Ms)),
    p99Ms: median(measured.map(({ p99Ms }) => p99Ms)),
    ...(delays && {
      eventLoopDelayMs: { frontend: median(delay.frontend), backend: median(delay.backend) }
    })
  }
}
