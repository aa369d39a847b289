/** Types and readers of the files that Grafana provisions. */
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parse } from 'yaml'

export const ALERT_RULES = fileURLToPath(new URL('../', import.meta.url))

export interface GrafanaQuery {
  refId: string
  datasourceUid: string
  relativeTimeRange: { from: number; to: number }
  model: {
    refId: string
    expr?: string
    instant?: boolean
    type?: string
    expression?: string
    conditions?: Array<{ evaluator: { type: 'gt' | 'lt'; params: number[] } }>
  }
}

/** An alert rule of Grafana. */
export interface Rule {
  uid: string
  title: string
  condition: string
  data: GrafanaQuery[]
  for: string
  noDataState: string
  execErrState: string
  dashboardUid: string
  panelId: number
  labels: Record<string, string>
  annotations: Record<string, string>
}

export interface RuleGroup {
  orgId: number
  name: string
  folder: string
  interval: string
  rules: Rule[]
}

export interface Route {
  orgId?: number
  receiver: string
  group_by?: string[]
  object_matchers?: Array<[string, '=' | '!=' | '=~' | '!~', string]>
  group_wait?: string
  group_interval?: string
  repeat_interval?: string
  mute_time_intervals?: string[]
  /** Whether the policies after this one apply, too. */
  continue?: boolean
  routes?: Route[]
}

export interface ContactPoint {
  orgId: number
  name: string
  receivers: Array<{
    uid: string
    type: string
    disableResolveMessage: boolean
    settings: Record<string, unknown>
  }>
}

/** A provisioning file of Grafana's alerting. */
export interface AlertingFile {
  apiVersion: 1
  groups?: RuleGroup[]
  deleteRules?: Array<{ orgId: number, uid: string }>
  contactPoints?: ContactPoint[]
  policies?: Route[]
  templates?: Array<{ orgId: number, name: string, template: string }>
  muteTimes?: Array<{ orgId: number, name: string, time_intervals: unknown[] }>
}

/** The fields of a dashboard that checks read. */
export interface Dashboard {
  uid: string
  panels: Array<{
    id: number
    title: string
    targets: Array<{ expr?: string; query?: string; datasource: { type: string } }>
  }>
  annotations: { list: Array<{ name: string; expr: string }> }
}

/** The provisioning files, by name, with one of the two files of notifications. */
export function alertingFiles (
  folder = ALERT_RULES,
  notifications = 'notifications.yml'
): Record<string, AlertingFile> {
  const files: Record<string, AlertingFile> = {}
  for (const name of readdirSync(folder).filter(name => name.endsWith('.yml'))) {
    if (name.startsWith('notifications') && name !== notifications) continue
    const file = parse(readFileSync(`${folder}/${name}`, 'utf8')) as AlertingFile
    if (file.apiVersion !== undefined) files[name] = file
  }
  return files
}

export const readDashboards = (): Dashboard[] => readdirSync(`${ALERT_RULES}dashboards`)
  .map(name => JSON.parse(readFileSync(`${ALERT_RULES}dashboards/${name}`, 'utf8')))

/** The queries to Prometheus of the panels and annotations of a dashboard. */
export const prometheusQueries = ({ panels, annotations }: Dashboard) => [
  ...panels.flatMap(({ title, targets }) =>
    targets
      .filter(({ datasource }) => datasource.type === 'prometheus')
      .map(({ expr }) => ({ title, expr: expr! }))
  ),
  ...annotations.list.map(({ name, expr }) => ({ title: name, expr }))
]

export const groupsOf = (files: Record<string, AlertingFile>): RuleGroup[] =>
  Object.values(files).flatMap(({ groups = [] }) => groups)
export const rulesOf = (files: Record<string, AlertingFile>): Rule[] =>
  groupsOf(files).flatMap(({ rules }) => rules)

/** The query of a rule and the threshold of its value. */
export function conditionOf ({ uid, data, condition }: Rule): {
  expr: string
  type: 'gt' | 'lt'
  threshold: number
} {
  const threshold = data.find(({ refId }) => refId === condition)?.model
  const query = data.find(({ refId }) => refId === threshold?.expression)?.model
  const evaluator = threshold?.conditions?.[0]?.evaluator
  if (threshold?.type !== 'threshold' || query?.expr === undefined || !evaluator) {
    throw new Error(`${uid} is not a query with a threshold.`)
  }
  return { expr: query.expr, type: evaluator.type, threshold: evaluator.params[0]! }
}
