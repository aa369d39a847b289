import type { Report } from './report.ts'

export interface Target {
  text: string
  /** As measured, in words; undefined when it was not measured. */
  measured: string | undefined
  met: boolean | undefined
}

/** What the guestbook is to reach, and whether it did. */
export function targets ({ cases, half, depth, services }: Report): Target[] {
  const rate = (
    id: keyof Report['cases'],
    name: 'guestbook' | 'bare' | 'driver' | 'express' | 'flask',
    unit: 'rate' | 'ratePerCpu' = 'rate'
  ) => cases[id]?.[name]?.[unit]
  const times = (
    text: string,
    least: number,
    value: number | undefined,
    over: number | undefined
  ): Target =>
    target(
      text,
      value === undefined || over === undefined ? undefined : value / over,
      ratio => ratio >= least,
      ratio => (least < 1 ? `${Math.round(ratio * 100)} %` : `${ratio.toFixed(1)} times`)
    )
  return [
    times(
      'Page, 32 connections: at least 5 times Express',
      5,
      rate('page-32', 'guestbook'),
      rate('page-32', 'express')
    ),
    times(
      'the same per second of processor time',
      5,
      rate('page-32', 'guestbook', 'ratePerCpu'),
      rate('page-32', 'express', 'ratePerCpu')
    ),
    times(
      'Page, 32 connections: at least 15 times Flask',
      15,
      rate('page-32', 'guestbook'),
      rate('page-32', 'flask')
    ),
    times(
      'the same per second of processor time',
      15,
      rate('page-32', 'guestbook', 'ratePerCpu'),
      rate('page-32', 'flask', 'ratePerCpu')
    ),
    times(
      'Page, 32 connections: at least 25 % of the bare server',
      0.25,
      rate('page-32', 'guestbook'),
      rate('page-32', 'bare')
    ),
    times(
      'Page, 128 connections: at least 50 % of the bare server',
      0.5,
      rate('page-128', 'guestbook'),
      rate('page-128', 'bare')
    ),
    target(
      "Page at half of saturation: p99 under 5 times the bare server's",
      quotient(half.page?.guestbook?.p99Ms, half.page?.bare?.p99Ms),
      ratio => ratio < 5,
      ratio =>
        `${ratio.toFixed(1)} times (${ms(half.page?.guestbook?.p99Ms)} and ${ms(half.page?.bare?.p99Ms)})`
    ),
    times(
      'API list, 32 connections: at least 5 times Express',
      5,
      rate('list-32', 'guestbook'),
      rate('list-32', 'express')
    ),
    times(
      'the same per second of processor time',
      5,
      rate('list-32', 'guestbook', 'ratePerCpu'),
      rate('list-32', 'express', 'ratePerCpu')
    ),
    times(
      'API list, 32 connections: at least 30 % of the bare server',
      0.3,
      rate('list-32', 'guestbook'),
      rate('list-32', 'bare')
    ),
    times(
      'API list, 128 connections: at least 50 % of the bare server',
      0.5,
      rate('list-128', 'guestbook'),
      rate('list-128', 'bare')
    ),
    times(
      'Durable post by the API: at least 90 % of the MongoDB driver alone',
      0.9,
      rate('post-api', 'guestbook'),
      rate('post-api', 'driver')
    ),
    target(
      'First page with 1,000,000 messages: at most 1.1 times the time with 1,000',
      quotient(depth?.large.firstMs, depth?.small.firstMs),
      ratio => ratio <= 1.1,
      ratio => `${ratio.toFixed(2)} times`
    ),
    target(
      'A page 10,000 messages deep in 1,000,000: at most 1.1 times the time of one in 1,000',
      quotient(depth?.large.deepMs, depth?.small.deepMs),
      ratio => ratio <= 1.1,
      ratio => `${ratio.toFixed(2)} times`
    ),
    ...(['frontend', 'backend'] as const).flatMap(name => [
      target(
        `The ${name} is ready in under 1 s from exec`,
        services[name].readyMs,
        value => value < 1000,
        ms
      ),
      target(
        `The ${name} holds less than 120 MiB under full load`,
        services[name].peakMib,
        value => value < 120,
        value => `${Math.round(value)} MiB at most`
      ),
      target(
        `The ${name}'s event-loop delay at half of saturation: p99 under 50 ms`,
        half[name === 'frontend' ? 'page' : 'api']?.guestbook?.eventLoopDelayMs?.[name],
        value => value < 50,
        ms
      ),
      target(
        'the same with SQLite, 9 pages and 1 post',
        half.sqlite?.guestbook?.eventLoopDelayMs?.[name],
        value => value < 50,
        ms
      )
    ])
  ]
}

function target (
  text: string,
  value: number | undefined,
  isMet: (value: number) => boolean,
  words: (value: number) => string
): Target {
  return value === undefined
    ? { text, measured: undefined, met: undefined }
    : { text, measured: words(value), met: isMet(value) }
}

const quotient = (value: number | undefined, over: number | undefined) =>
  value === undefined || over === undefined ? undefined : value / over
const ms = (value: number | undefined) =>
  value === undefined ? '?' : `${value < 10 ? value.toFixed(1) : Math.round(value)} ms`
