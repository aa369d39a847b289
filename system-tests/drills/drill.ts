/** One drill: cause the fault, wait for its pages, judge them, end the fault, wait for their ends. */
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

/** Where a drill takes place. */
export interface Place {
  engine: Engine
  /** Does what the runbook says while the fault lasts; gives how many of its blocks ran. */
  diagnose: (rule: Rule) => Promise<number>
}

export const say = (text: string) => {
  console.log(`${new Date().toISOString().slice(11, 19)} ${text}`)
}

export async function perform<P extends Place> (
  drill: Drill<P>,
  rules: Map<string, Rule>,
  place: P,
  pagerDuty: PagerDuty,
  addresses: Addresses
): Promise<Result[]> {
  const { engine } = place
  const pages = drill.pages
    .map(page => ({ page, rule: rules.get(page.rule)! }))
    .filter(({ rule }) => engine.evaluates(rule))
  const limit = (duration: string) => (seconds(duration) / FACTOR + engine.slackSeconds) * 1000
  for (const { page, rule } of pages) {
    await pagerDuty.settled(rule.uid, isPageOf(rule, page), limit('7h'))
  }
  say(`${drill.fault}: expecting ${pages.map(({ rule }) => rule.uid).join(', ')}`)
  const began = Date.now()
  await drill.begin(place)
  const triggers = await Promise.all(
    pages.map(async ({ page, rule }) => {
      const { event, at } = await pagerDuty.event(
        rule.uid,
        isPageOf(rule, page),
        began,
        limit(page.within)
      )
      const wrong = isHeartbeat(rule) ? [] : pageProblems(rule.uid, event, addresses, engine)
      if (wrong.length > 0) {
        throw new Error(
          `The page of ${rule.uid} has a wrong ${wrong.join(', ')}:\n${JSON.stringify(event, null, 2)}`
        )
      }
      say(
        `  paged after ${(at - began) / 1000} s, ${event.payload!.severity}: ${event.payload!.summary}`
      )
      return {
        dedupKey: event.dedup_key,
        severity: event.payload!.severity,
        pagedAfter: (at - began) / 1000
      }
    })
  )
  for (const { rule } of pages) {
    const blocks = await place.diagnose(rule)
    if (blocks > 0) say(`  ran ${blocks} blocks of the runbook of ${rule.uid}`)
  }
  const ended = Date.now()
  await drill.end(place)
  return await Promise.all(
    pages.map(async ({ page, rule }, index) => {
      const { dedupKey, severity, pagedAfter } = triggers[index]!
      const { at } = await pagerDuty.event(
        `the end of ${rule.uid}`,
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
