/** Runs alert cases, written in a short form, with promtool. */
import { readFileSync, writeFileSync } from 'node:fs'
import { temporaryFolder } from '@guestbook/service-kit/testing'
import { run, type Output } from '../charts/tools.ts'
import { parse, stringify } from 'yaml'
import { ALERT_RULES, alertingFiles, groupsOf } from '../../alert-rules/generator/provisioning.ts'
import { prometheusGroups } from '../../alert-rules/generator/prometheus-rules.ts'

export const RECORDING_RULES = `${ALERT_RULES}recording_rules.yml`

/** The state of an alert by the time since the start. */
export type States = Record<string, 'silent' | 'firing'>

export interface Case {
  /** Uid of the rule. */
  rule: string
  /** The event, in words. */
  when: string
  /** Time between two values of a series. */
  interval: string
  /** Series in promtool's notation. */
  series: Record<string, string>
  states: States
  /** Label of the tested instance, for a rule with several. */
  instance?: string
}

export const scenario = (
  rule: string, when: string, interval: string, series: Case['series'], states: States
): Case => ({ rule, when, interval, series, states })

const inputOf = (series: Record<string, string>) =>
  Object.entries(series).map(([series, values]) => ({ series, values }))

function toPromtool ({ rule: uid, when, interval, series, instance, states }: Case) {
  const selector = `ALERTS{uid="${uid}",alertstate="firing"${instance ? `,${instance}` : ''}}`
  return {
    name: `${uid}: ${when}`,
    interval,
    input_series: inputOf(series),
    promql_expr_test: Object.entries(states).map(([time, state]) => ({
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
  const windows = [...exprs.matchAll(/slo:[\w:]+?(?:rate|increase)(\d+[mhd])/g)]
    .map(([, window]) => window!)
  const isNeeded = ({ record }: { record: string }) =>
    record === 'slo:budget:ratio' || windows.some(window => record.endsWith(window))
  const { groups } = parse(readFileSync(RECORDING_RULES, 'utf8')) as RecordingGroups
  return { groups: groups.map(group => ({ ...group, rules: group.rules.filter(isNeeded) })) }
}

/** Gives each rule a file with only the rules that it needs. */
export async function runPromtool (cases: Case[]): Promise<Output> {
  const groups = groupsOf(alertingFiles())
  const folder = temporaryFolder()
  const write = (name: string, value: unknown) => {
    writeFileSync(`${folder}/${name}`, stringify(value))
  }
  const byRule = Object.groupBy(cases, ({ rule, interval }) => `${rule} ${interval}`)
  const tests = Object.values(byRule).map((ofRule = []) => {
    const { rule, interval } = ofRule[0]!
    const alerts = prometheusGroups(groups, ({ uid }) => uid === rule)
    const exprs = alerts.groups.flatMap(({ rules }) => rules.map(({ expr }) => expr))
    if (exprs.length === 0) throw new Error(`A case names ${rule}, which is not a rule.`)
    const recorded = recordedFor(exprs.join())
    const name = `${rule}-${interval}`
    write(`${name}.alerts`, alerts)
    write(`${name}.recorded`, recorded)
    write(`${name}.yml`, {
      rule_files: [`${name}.recorded`, `${name}.alerts`],
      evaluation_interval: interval,
      // In another order, alerts would evaluate recorded values of the previous interval.
      group_eval_order: [...recorded.groups, ...alerts.groups].map(({ name }) => name),
      tests: ofRule.map(toPromtool)
    })
    return `${folder}/${name}.yml`
  })
  return await run('promtool', ['test', 'rules', ...tests])
}

/** Expected results by expression. */
export type Queries = Record<string, Array<{ labels: string, value: number }>>

/** Evaluates the recording rules after some days of one value per minute, with promtool. */
export async function evaluateQueries (
  days: number, series: Record<string, string>, queries: Queries
): Promise<Output> {
  const time = `${days}d`
  const file = `${temporaryFolder()}/queries.yml`
  const expressions = Object.entries(queries).map(([expr, expected]) => ({
    expr,
    eval_time: time,
    exp_samples: expected
  }))
  writeFileSync(file, stringify({
    rule_files: [RECORDING_RULES],
    evaluation_interval: time,
    tests: [
      { interval: '1m', input_series: inputOf(series), promql_expr_test: expressions }
    ]
  }))
  return await run('promtool', ['test', 'rules', file])
}
