/** The rules declared in alert-rules/rules.yml, read strictly. */
import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { ALERT_RULES } from './provisioning.ts'

export interface AlertRule {
  uid: string
  /** The name of the alert, in PascalCase. */
  title: string
  severity: 'critical' | 'warning' | 'none'
  /** Default: the label `service` of the series. */
  service?: string
  labels?: Record<string, string>
  expr: string
  /** Comparison that must hold, such as "> 0.05". */
  fires: string
  for: string
  noDataState?: 'OK' | 'Alerting' | 'NoData'
  execErrState?: 'OK' | 'Alerting' | 'Error'
  dashboard: string
  panel: number
  /** File in runbooks/. Default: `<uid>.md`. */
  runbook?: string
  summary: string
  impact: string
}

/** Rules that Grafana evaluates together. */
export interface AlertGroup { name: string, rules: AlertRule[] }

export interface AlertTable {
  runbook_base_url: string
  retired_uids: string[]
  groups: AlertGroup[]
}

const REQUIRED = [
  'uid', 'title', 'severity', 'expr', 'fires', 'for', 'dashboard', 'panel', 'summary', 'impact'
]
const OPTIONAL = ['service', 'labels', 'noDataState', 'execErrState', 'runbook']

/** What is wrong with a rule, whose values the linter of tests/alerts checks further. */
function problemsOf (rule: AlertRule): string[] {
  return [
    ...REQUIRED.filter(field => !(field in rule)).map(field => `${field} is missing`),
    ...Object.keys(rule)
      .filter(field => ![...REQUIRED, ...OPTIONAL].includes(field))
      .map(field => `${field} is unknown`),
    ...(/^[<>] \d+(\.\d+)?$/.test(rule.fires) ? [] : ['fires must be like "> 0.05"'])
  ]
}

export function readRules (
  text = readFileSync(`${ALERT_RULES}rules.yml`, 'utf8')
): AlertTable {
  const table = parse(text) as AlertTable
  const problems = table.groups.flatMap(({ rules }) =>
    rules.flatMap(rule => problemsOf(rule).map(problem => `${rule.uid}: ${problem}`))
  )
  if (problems.length > 0) throw new Error(`rules.yml:\n${problems.join('\n')}`)
  return table
}
