/** Runs alert cases, written in a short form, with promtool. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { temporaryFolder } from '@guestbook/service-kit/testing'
import { run, type Output } from '../charts/tools.ts'
import { parse, stringify } from 'yaml'
import {
  ALERT_RULES,
  alertingFiles,
  groupsOf,
  rulesOf
} from '../../alert-rules/generator/provisioning.ts'
import { prometheusGroups } from '../../alert-rules/generator/prometheus-rules.ts'

export interface Case {
  /** Uid of the rule. */
  rule: string
  /** The event, in words. */
  when: string
  /** Time between two values of a series. */
  interval: string
  /** Series in promtool's notation. */
  series: Record<string, string>
  /** Label of the tested instance, for a rule with several. */
  instance?: string
  /** The state of the alert at these times. */
  expect: Array<[time: string, 'silent' | 'firing']>
}

function toPromtool (
  { rule: uid, when, interval, series, instance, expect }: Case,
  titles: Map<string, string>
) {
  const title = titles.get(uid)
  if (!title) throw new Error(`A case names ${uid}, which is not a rule.`)
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

/** The recording rules of the windows in these expressions. Long windows are slow to evaluate. */
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

/** Gives each rule a file with only the rules that it needs. */
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
          // In another order, alerts would evaluate recorded values of the previous interval.
          group_eval_order: [...recorded.groups, ...alerts.groups].map(({ name }) => name),
          tests: ofInterval.map(one => toPromtool(one, titles))
        })
      }
    }
    return await run('promtool', ['test', 'rules', ...tests])
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** An expression and its expected result. */
export interface Query { expr: string, expected: Array<{ labels: string, value: number }> }

interface Queries {
  /** Files of recording rules. */
  rules?: string[]
  /** Time between two values of a series. */
  interval: string
  /** Time between two evaluations of the rules; default: `interval`. */
  evaluated?: string
  series: Record<string, string>
  /** The time of the queries. */
  at: string
  queries: Query[]
}

/** Evaluates expressions on these series with promtool. */
export async function evaluateQueries ({
  rules = [],
  interval,
  evaluated = interval,
  series,
  at,
  queries
}: Queries): Promise<Output> {
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
