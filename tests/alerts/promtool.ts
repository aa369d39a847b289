/** Cases of alerts in a short form, run by promtool. */
import { mkdtempSync, rmSync, writeFileSync, copyFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { run } from '../charts/tools.ts'
import { stringify } from 'yaml'
import { ALERT_RULES, alertingFiles, groupsOf, rulesOf } from './rules.ts'
import { prometheusGroups } from './to-prometheus.ts'

export interface Case {
  /** Uid of the rule. */
  rule: string
  /** What happens, in words. */
  when: string
  /** Time between two values of a series. */
  interval: string
  /** Series in promtool's notation. */
  series: Record<string, string>
  /** Label of the instance that is looked at, where a rule has several. */
  instance?: string
  /** Whether it fires at these times. */
  expect: Array<[time: string, 'silent' | 'firing']>
}

function toPromtool ({ rule: uid, when, interval, series, instance, expect }: Case, titles: Map<string, string>) {
  const title = titles.get(uid)
  if (!title) throw new Error(`A case is about ${uid}, which is no rule.`)
  const selector = `ALERTS{uid="${uid}",alertstate="firing"${instance ? `,${instance}` : ''}}`
  return {
    name: `${uid}: ${when}`,
    interval,
    input_series: Object.entries(series).map(([series, values]) => ({ series, values })),
    promql_expr_test: expect.map(([time, state]) => ({
      expr: `count(${selector}) or vector(0)`, eval_time: time, exp_samples: [{ labels: '{}', value: state === 'firing' ? 1 : 0 }]
    }))
  }
}

/** What promtool says of these cases and of tests in its own form. */
export async function runPromtool (cases: Case[], ownTests: unknown[] = []) {
  const files = alertingFiles()
  const titles = new Map(rulesOf(files).map(({ uid, title }) => [uid, title]))
  const folder = mkdtempSync(join(tmpdir(), 'guestbook-promtool-'))
  try {
    copyFileSync(`${ALERT_RULES}recording_rules.yml`, `${folder}/recording_rules.yml`)
    writeFileSync(`${folder}/alerts.yml`, stringify(prometheusGroups(groupsOf(files))))
    const tests = [...cases.map(one => toPromtool(one, titles)), ...ownTests]
    writeFileSync(`${folder}/tests.yml`, stringify({ rule_files: ['recording_rules.yml', 'alerts.yml'], evaluation_interval: '30s', tests }))
    return await run('promtool', ['test', 'rules', `${folder}/tests.yml`])
  } finally {
    rmSync(folder, { recursive: true })
  }
}
