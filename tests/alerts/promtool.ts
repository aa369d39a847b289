/** Cases of alerts in a short form, run by promtool. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { temporaryFolder } from '@guestbook/service-kit/testing'
import { run, type Output } from '../charts/tools.ts'
import { parse, stringify } from 'yaml'
import { ALERT_RULES, alertingFiles, groupsOf, rulesOf } from '../../alert-rules/generator/provisioning.ts'
import { prometheusGroups } from '../../alert-rules/generator/prometheus-rules.ts'

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

function toPromtool (
  { rule: uid, when, interval, series, instance, expect }: Case,
  titles: Map<string, string>
) {
  const title = titles.get(uid)
  if (!title) throw new Error(`A case is about ${uid}, which is no rule.`)
  const selector = `ALERTS{uid="${uid}",alertstate="firing"${instance ? `,${instance}` : ''}}`
  return {
    name: `${uid}: ${when}`,
    interval,
    input_series: Object.entries(series).map(([series, values]) => ({ series, values })),
    promql_expr_test: expect.map(([time, state]) => ({
      expr: `count(${selector}) or vector(0)`,
      eval_time: time,
      exp_samples: [{ labels: '{}', value: state === 'firing' ? 1 : 0 }]
    }))
  }
}

interface RecordingGroups {
  groups: Array<{ name: string; interval: string; rules: Array<{ record: string }> }>
}

/** Only the recorded series of the windows that these expressions name, for most windows are long and slow to evaluate. */
function recordedFor (exprs: string): RecordingGroups {
  const windows = [...exprs.matchAll(/slo:[\w:]+?(?:rate|increase)(\d+[mhd])/g)].map(
    ([, window]) => window!
  )
  const { groups } = parse(
    readFileSync(`${ALERT_RULES}recording_rules.yml`, 'utf8')
  ) as RecordingGroups
  return {
    groups: groups.map(group => ({
      ...group,
      rules: group.rules.filter(
        ({ record }) =>
          record === 'slo:budget:ratio' || windows.some(window => record.endsWith(window))
      )
    }))
  }
}

/** What promtool says of these cases; each rule has a file of its own with no more rules than it needs. */
export async function runPromtool (cases: Case[]): Promise<Output> {
  const files = alertingFiles()
  const titles = new Map(rulesOf(files).map(({ uid, title }) => [uid, title]))
  const folder = mkdtempSync(join(tmpdir(), 'guestbook-promtool-'))
  const write = (name: string, value: unknown) => {
    writeFileSync(`${folder}/${name}`, stringify(value))
  }
  const tests: string[] = []
  try {
    for (const [rule, ofRule = []] of Object.entries(Object.groupBy(cases, ({ rule }) => rule))) {
      const alerts = prometheusGroups(groupsOf(files), ({ uid }) => uid === rule)
      const recorded = recordedFor(
        alerts.groups
          .flatMap(({ rules }) => rules)
          .map(({ expr }) => expr)
          .join()
      )
      write(`${rule}.alerts`, alerts)
      write(`${rule}.recorded`, recorded)
      for (const [interval, ofInterval = []] of Object.entries(
        Object.groupBy(ofRule, ({ interval }) => interval)
      )) {
        tests.push(`${folder}/${rule}-${interval}.yml`)
        write(`${rule}-${interval}.yml`, {
          rule_files: [`${rule}.recorded`, `${rule}.alerts`],
          evaluation_interval: interval,
          group_eval_order: [...recorded.groups, ...alerts.groups].map(({ name }) => name), // else alerts may see what was recorded an interval ago
          tests: ofInterval.map(one => toPromtool(one, titles))
        })
      }
    }
    return await run('promtool', ['test', 'rules', ...tests])
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** An expression and all that it must give. */
export interface Query { expr: string, expected: Array<{ labels: string, value: number }> }

interface World {
  /** Files of recording rules. */
  rules?: string[]
  /** Time between two values of a series. */
  interval: string
  /** Time between two evaluations of the rules; default: `interval`. */
  evaluated?: string
  series: Record<string, string>
  /** When the expressions are asked. */
  at: string
  queries: Query[]
}

/** What promtool says of these expressions in a Prometheus with these series. */
export async function queryWorld ({
  rules = [],
  interval,
  evaluated = interval,
  series,
  at,
  queries
}: World): Promise<Output> {
  const file = `${temporaryFolder()}/queries.yml`
  writeFileSync(
    file,
    stringify({
      rule_files: rules,
      evaluation_interval: evaluated,
      tests: [
        {
          interval,
          input_series: Object.entries(series).map(([series, values]) => ({ series, values })),
          promql_expr_test: queries.map(({ expr, expected }) => ({
            expr,
            eval_time: at,
            exp_samples: expected
          }))
        }
      ]
    })
  )
  return await run('promtool', ['test', 'rules', file])
}
