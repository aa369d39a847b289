/** Lists the problems of alert-rules/. */
import { seconds } from '../../alert-rules/generator/duration.ts'
import type { Inventory } from './inventory.ts'
import { lintNotifications } from './lint-notifications.ts'
import { lintQuery, unboundedGroupings } from './lint-queries.ts'
import {
  conditionOf, groupsOf, prometheusQueries, type AlertingFile, type Dashboard, type Rule
} from '../../alert-rules/generator/provisioning.ts'

/** The input of the linter. */
export interface AlertRules {
  files: Record<string, AlertingFile>
  dashboards: Dashboard[]
  runbooks: string[]
  retention: string
  inventory: Inventory
}

const NO_DATA = ['NoData', 'Alerting', 'OK']
const EXEC_ERROR = ['Error', 'Alerting', 'OK']
/** Grafana evaluates at multiples of these seconds. */
const GRID_SECONDS = 10

/** Grafana expands variables in some fields, where a literal $ is $$, and not in others. */
function escapingProblems ({ uid, title, labels, annotations }: Rule): string[] {
  const expanded = { uid, title, ...labels }
  return [
    ...Object.entries(expanded)
      .filter(([, text]) => /\$/.test(text.replaceAll('$$', '')))
      .map(([field, text]) => `${field} "${text}" needs $$ for a literal $`),
    ...Object.entries(annotations)
      .filter(([, text]) => text.includes('$$') || text.includes('${'))
      .map(([field, text]) =>
        `the annotation ${field} "${text}" is not expanded: write a single $, without braces`)
  ]
}

function lintRule (
  rule: Rule, { dashboards, runbooks, retention, inventory }: AlertRules
): string[] {
  const { uid, labels = {}, annotations = {}, dashboardUid, panelId, data } = rule
  const panels = dashboards.find(({ uid }) => uid === dashboardUid)?.panels
  const severities = labels.heartbeat === 'true' ? ['none'] : ['critical', 'warning']
  const problems: Array<[holds: boolean, problem: string]> = [
    [/^[\w-]{1,40}$/.test(uid), 'the uid must have 1 to 40 letters, digits, - and _'],
    [/^([A-Z][a-z]*)+$/.test(rule.title), 'the title must be in PascalCase'],
    [
      severities.includes(labels.severity!),
      `the severity must be critical or warning, not ${labels.severity}`
    ],
    [Boolean(annotations.summary), 'the summary is missing'],
    [Boolean(annotations.impact), 'the impact is missing'],
    [runbooks.includes(annotations.runbook!), `the runbook ${annotations.runbook} does not exist`],
    [panels !== undefined, `the dashboard ${dashboardUid} does not exist`],
    [
      panels === undefined || panels.some(({ id }) => id === panelId),
      `the dashboard ${dashboardUid} has no panel ${panelId}`
    ],
    [
      annotations.__dashboardUid__ === dashboardUid && annotations.__panelId__ === `${panelId}`,
      'the annotations __dashboardUid__ and __panelId__ must equal dashboardUid and panelId'
    ],
    [NO_DATA.includes(rule.noDataState), `noDataState must be one of ${NO_DATA.join(', ')}`],
    [
      EXEC_ERROR.includes(rule.execErrState),
      `execErrState must be one of ${EXEC_ERROR.join(', ')}`
    ],
    [/^\d+[smhd]$/.test(rule.for), `for must be a duration, not ${rule.for}`],
    [
      data.every(({ relativeTimeRange: range }) => range.from > range.to),
      'every query needs a relativeTimeRange whose from is greater than its to'
    ],
    [
      data.every(({ refId, model }) => refId === model.refId),
      'the refIds of a query and of its model differ'
    ],
    [
      data.every(({ model }) => model.expr === undefined || model.instant === true),
      'a query with a threshold must be instant'
    ]
  ]
  return [
    ...problems.filter(([holds]) => !holds).map(([, problem]) => problem),
    ...escapingProblems(rule),
    ...conditionProblems(rule, inventory, retention)
  ].map(problem => `${uid}: ${problem}`)
}

function conditionProblems (rule: Rule, inventory: Inventory, retention: string): string[] {
  try {
    const { expr } = conditionOf(rule)
    const unbounded = unboundedGroupings(expr)
      .map(label => `instances must not be grouped by ${label}: it has too many values`)
    return [...lintQuery(expr, inventory, retention), ...unbounded]
  } catch (error) {
    return [(error as Error).message]
  }
}

const repeated = (names: string[]): string[] => names
  .filter((name, index) => names.indexOf(name) !== index)
  .map(name => `${name} is used twice`)

/** The problems of a dashboard. */
function lintDashboard (
  dashboard: Dashboard, { inventory, retention }: AlertRules
): string[] {
  const queries = prometheusQueries(dashboard).flatMap(({ title, expr }) =>
    lintQuery(expr, inventory, retention).map(problem => `${title}: ${problem}`))
  const ids = dashboard.panels.map(({ id }) => `the panel id ${id}`)
  return [...repeated(ids), ...queries].map(problem => `${dashboard.uid}, ${problem}`)
}

export function lint (alertRules: AlertRules): string[] {
  const { files, dashboards } = alertRules
  const groups = groupsOf(files)
  const rules = groups.flatMap(({ rules }) => rules)
  return [
    ...Object.entries(files)
      .filter(([, { apiVersion }]) => apiVersion !== 1)
      .map(([name]) => `${name}: apiVersion must be 1`),
    ...groups
      .filter(({ interval }) => seconds(interval) % GRID_SECONDS !== 0)
      .map(({ name, interval }) =>
        `group ${name}: the interval ${interval} is not a multiple of ${GRID_SECONDS} s`),
    ...repeated(rules.flatMap(({ uid, title }) => [`the uid ${uid}`, `the title ${title}`])),
    ...rules.flatMap(rule => lintRule(rule, alertRules)),
    ...lintNotifications(files, rules),
    ...dashboards.flatMap(dashboard => lintDashboard(dashboard, alertRules))
  ]
}
