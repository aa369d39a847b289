import type { CaseId, TargetName } from './cases.ts'
import type { Report } from './report.ts'

export interface Goal {
  text: string
  /** With its unit; undefined when it was not measured. */
  measured: string | undefined
  met: boolean | undefined
}

const SAME_PER_CPU = 'the same per CPU second'
type Unit = 'rate' | 'ratePerCpu'

/** What the guestbook must reach compared with a peer. */
const COMPARISONS: Array<[text: string, least: number, id: CaseId, peer: TargetName, unit?: Unit]> =
  [
    ['Page, 32 connections: at least 5 times Express', 5, 'page-32', 'express'],
    [SAME_PER_CPU, 5, 'page-32', 'express', 'ratePerCpu'],
    ['Page, 32 connections: at least 15 times Flask', 15, 'page-32', 'flask'],
    [SAME_PER_CPU, 15, 'page-32', 'flask', 'ratePerCpu'],
    ['Page, 32 connections: at least 25 % of the bare server', 0.25, 'page-32', 'bare'],
    ['Page, 128 connections: at least 50 % of the bare server', 0.5, 'page-128', 'bare'],
    ['API list, 32 connections: at least 5 times Express', 5, 'list-32', 'express'],
    [SAME_PER_CPU, 5, 'list-32', 'express', 'ratePerCpu'],
    ['API list, 32 connections: at least 30 % of the bare server', 0.3, 'list-32', 'bare'],
    ['API list, 128 connections: at least 50 % of the bare server', 0.5, 'list-128', 'bare'],
    [
      'Durable post by the API: at least 90 % of the MongoDB driver alone',
      0.9,
      'post-api',
      'driver'
    ]
  ]

type HalfLoads = Report['half']

/** Every goal of the benchmark, and whether it was met. */
export function goals ({ cases, half, depth, services }: Report): Goal[] {
  const { guestbook, bare } = half.page ?? {}
  return [
    ...COMPARISONS.map(([text, least, id, peer, unit = 'rate']) => {
      const ratio = quotient(cases[id]?.guestbook?.[unit], cases[id]?.[peer]?.[unit])
      return goal(text, ratio, ratio => ratio >= least, least < 1 ? percent : times(1))
    }),
    goal(
      "Page at half of saturation: p99 under 5 times the bare server's",
      quotient(guestbook?.p99Ms, bare?.p99Ms),
      ratio => ratio < 5,
      ratio => `${times(1)(ratio)} (${ms(guestbook?.p99Ms)} and ${ms(bare?.p99Ms)})`
    ),
    ...([
      ['First page with 1,000,000 messages: at most 1.1 times the time with 1,000', 'firstMs'],
      [
        'A page 10,000 messages deep in 1,000,000: at most 1.1 times the time of one in 1,000',
        'deepMs'
      ]
    ] as const).map(([text, page]) => {
      const ratio = quotient(depth?.large[page], depth?.small[page])
      return goal(text, ratio, ratio => ratio <= 1.1, times(2))
    }),
    ...(['frontend', 'backend'] as const).flatMap(name => {
      const { readyMs, peakMib } = services[name]
      const delayOf = (load: HalfLoads[keyof HalfLoads]) =>
        load?.guestbook?.eventLoopDelayMs?.[name]
      const delay = `The ${name}'s event-loop delay at half of saturation: p99 under 50 ms`
      const under = (most: number) => (value: number) => value < most
      return [
        goal(`The ${name} is ready in under 1 s from exec`, readyMs, under(1000), ms),
        goal(`The ${name} holds less than 120 MiB under full load`, peakMib, under(120), mib),
        goal(delay, delayOf(half[name === 'frontend' ? 'page' : 'api']), under(50), ms),
        goal('the same with SQLite, 9 pages and 1 post', delayOf(half.sqlite), under(50), ms)
      ]
    })
  ]
}

function goal (
  text: string,
  value: number | undefined,
  isMet: (value: number) => boolean,
  format: (value: number) => string
): Goal {
  return value === undefined
    ? { text, measured: undefined, met: undefined }
    : { text, measured: format(value), met: isMet(value) }
}

const percent = (ratio: number) => `${Math.round(ratio * 100)} %`
const times = (digits: number) => (ratio: number) => `${ratio.toFixed(digits)} times`
const mib = (value: number) => `${Math.round(value)} MiB at most`
const quotient = (value: number | undefined, over: number | undefined) =>
  value === undefined || over === undefined ? undefined : value / over
const ms = (value: number | undefined) =>
  value === undefined ? '?' : `${value < 10 ? value.toFixed(1) : Math.round(value)} ms`
