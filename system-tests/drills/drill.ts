/** One drill: injects a fault, expects its pages, ends the fault, and expects them to resolve. */
import { seconds } from '../../alert-rules/generator/duration.ts'
import type { Rule } from '../../alert-rules/generator/provisioning.ts'
import type { Drill } from './drills.ts'
import type { Addresses, Engine } from './engine.ts'
import { isHeartbeat, isPageOf, pageProblems } from './page.ts'
import type { PagerDuty } from './pagerduty.ts'
import { FACTOR } from './scale.ts'

export interface Result {
  rule: string
  fault: string
  severity: string
  promised: string
  'paged after s': number
  'resolved after s': number
}

export interface DrillEnvironment {
  engine: Engine
  /** Runs the diagnosis of the runbook, and resolves to the number of its blocks. */
  diagnose: (rule: Rule) => Promise<number>
}

export const say = (text: string) => {
  console.log(`${new Date().toISOString().slice(11, 19)} ${text}`)
}

/** Rejects on Ctrl-C. */
export function interruption (): Promise<never> {
  const { promise, reject } = Promise.withResolvers<never>()
  promise.catch(() => {})
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => { reject(new Error(`Interrupted by ${signal}.`)) })
  }
  return promise
}

/** What runs in an environment that is then removed. */
export type Work<E extends DrillEnvironment> =
  (environment: E, pagerDuty: PagerDuty, addresses: Addresses) => Promise<void>

export async function perform<E extends DrillEnvironment> (
  drill: Drill<E>,
  rules: Map<string, Rule>,
  environment: E,
  pagerDuty: PagerDuty,
  addresses: Addresses
): Promise<Result[]> {
  const { engine } = environment
  const pages = drill.pages
    .map(page => ({ page, rule: rules.get(page.rule)! }))
    .filter(({ rule }) => engine.evaluates(rule))
  const limit = (duration: string) => (seconds(duration) / FACTOR + engine.slackSeconds) * 1000
  for (const { page, rule } of pages) {
    await pagerDuty.settled(rule.uid, isPageOf(rule, page), limit('7h'))
  }
  say(`${drill.fault}: expecting ${pages.map(({ rule }) => rule.uid).join(', ')}`)
  const began = Date.now()
  await drill.begin(environment)
  const triggers = await Promise.all(
    pages.map(async ({ page, rule }) => {
      const { event, at } = await pagerDuty.event(
        rule.uid,
        isPageOf(rule, page),
        began,
        limit(page.within)
      )
      const wrong = isHeartbeat(rule) ? [] : pageProblems(rule, event, addresses, engine)
      if (wrong.length > 0) {
        const text = JSON.stringify(event, null, 2)
        throw new Error(`The page of ${rule.uid} has a wrong ${wrong.join(', ')}:\n${text}`)
      }
      const { severity, summary } = event.payload!
      const pagedAfter = (at - began) / 1000
      say(`  paged after ${pagedAfter} s, ${severity}: ${summary}`)
      return { dedupKey: event.dedup_key, severity, pagedAfter }
    })
  )
  for (const { rule } of pages) {
    const blocks = await environment.diagnose(rule)
    if (blocks > 0) say(`  ran ${blocks} blocks of the runbook of ${rule.uid}`)
  }
  const ended = Date.now()
  await drill.end(environment)
  return await Promise.all(
    pages.map(async ({ page, rule }, index) => {
      const { dedupKey, severity, pagedAfter } = triggers[index]!
      const { at } = await pagerDuty.event(
        `the resolution of ${rule.uid}`,
        event => event.event_action === 'resolve' && event.dedup_key === dedupKey,
        ended,
        limit(page.resolvedWithin)
      )
      say(`  resolved after ${(at - ended) / 1000} s: ${rule.uid}`)
      return {
        rule: rule.uid,
        fault: drill.fault,
        severity,
        promised: page.within,
        'paged after s': pagedAfter,
        'resolved after s': (at - ended) / 1000
      }
    })
  )
}
