import { sample, scrape } from '../lib/metrics.ts'
import type { ServerProcess } from '../lib/server-process.ts'
import type { ServiceName } from '../lib/service.ts'
import { median } from '../lib/statistics.ts'
import { measureRound } from './measure.ts'
import type { Target } from './targets.ts'
import type { Kind } from './wrk.ts'

/** More than at saturation, so that pauses are long compared with wrk's unit of a millisecond. */
const CONNECTIONS = 64
const SERVICES = ['frontend', 'backend'] as const

export interface HalfLoad {
  /** Requests a second. */
  rate: number
  p50Ms: number
  p99Ms: number
  /** p99 of the guestbook's services; 10 ms of it are the interval of the measurement. */
  eventLoopDelayMs?: Record<ServiceName, number>
}

export interface HalfLoadOptions {
  target: Target & { managementUrls?: Record<ServiceName, string> }
  of: 'page' | 'api'
  kind: Kind
  /** Requests a second at saturation, measured before. */
  saturation: number
  mongod: ServerProcess
  rounds: number
  seconds: number
}

/** The p99 of the event loop's delay since the previous scrape. */
const eventLoopDelayMs = async (managementUrl: string) =>
  sample(await scrape(managementUrl), 'nodejs_eventloop_lag_p99_seconds') * 1000

/** Measures latency at half of the rate that a target reaches at saturation. */
export async function measureHalf (options: HalfLoadOptions): Promise<HalfLoad> {
  const { target, of, kind, saturation, mongod, rounds, seconds } = options
  const load = {
    url: target.urls[of],
    kind,
    connections: CONNECTIONS,
    seconds,
    delayMs: (CONNECTIONS / (saturation / 2)) * 1000
  }
  const urls = target.managementUrls
  const measured = []
  const delays = { frontend: [] as number[], backend: [] as number[] }
  for (let round = 0; round < rounds; round++) {
    if (urls) await Promise.all(Object.values(urls).map(eventLoopDelayMs)) // resets the metric
    measured.push(await measureRound(target, mongod, load))
    for (const name of urls ? SERVICES : []) {
      delays[name].push(await eventLoopDelayMs(urls![name]))
    }
  }
  return {
    rate: median(measured.map(({ requests, seconds }) => requests / seconds)),
    p50Ms: median(measured.map(({ p50Ms }) => p50Ms)),
    p99Ms: median(measured.map(({ p99Ms }) => p99Ms)),
    ...(urls && {
      eventLoopDelayMs: { frontend: median(delays.frontend), backend: median(delays.backend) }
    })
  }
}
