/** The files from which Grafana provisions the alert rules. */
import type { AlertingFile, Rule } from './provisioning.ts'
import type { AlertGroup, AlertRule, AlertTable } from './rules.ts'

const OPERATORS = { '>': 'gt', '<': 'lt' } as const

/** A query and the comparison of its value, as Grafana's expressions write it. */
function dataOf ({ expr, fires }: AlertRule): Rule['data'] {
  const [operator, threshold] = fires.split(' ') as ['>' | '<', string]
  const evaluator = { type: OPERATORS[operator], params: [Number(threshold)] }
  const relativeTimeRange = { from: 600, to: 0 }
  const query = { refId: 'value', instant: true, expr }
  const type = 'threshold'
  const comparison = { refId: 'fires', type, expression: 'value', conditions: [{ evaluator }] }
  return [
    { refId: 'value', datasourceUid: 'prometheus', relativeTimeRange, model: query },
    { refId: 'fires', datasourceUid: '__expr__', relativeTimeRange, model: comparison }
  ]
}

function toGrafana (rule: AlertRule, runbookBaseUrl: string): Rule {
  const { uid, title, severity, service, labels, dashboard, panel, summary, impact } = rule
  const { runbook = `${uid}.md` } = rule
  return {
    uid,
    title,
    condition: 'fires',
    data: dataOf(rule),
    for: rule.for,
    noDataState: rule.noDataState ?? 'OK',
    execErrState: rule.execErrState ?? 'OK',
    dashboardUid: dashboard,
    panelId: panel,
    labels: { severity, ...(service && { service }), ...labels },
    annotations: {
      // Notifications link to these, Grafana's pages to the panel above.
      __dashboardUid__: dashboard,
      __panelId__: String(panel),
      summary,
      impact,
      runbook,
      runbook_url: `${runbookBaseUrl}/${runbook}`
    }
  }
}

/** Every file, by its name: one for each group, and one that deletes retired rules. */
export function grafanaFiles (
  { runbook_base_url: runbookBaseUrl, retired_uids: retired }: AlertTable,
  groups: AlertGroup[]
): Record<string, AlertingFile> {
  const files: Record<string, AlertingFile> = {
    'retired_alerts.yml': { apiVersion: 1, deleteRules: retired.map(uid => ({ orgId: 1, uid })) }
  }
  for (const { name, rules: declared } of groups) {
    const rules = declared.map(rule => toGrafana(rule, runbookBaseUrl))
    files[`${name.replaceAll('-', '_')}_alerts.yml`] = {
      apiVersion: 1,
      groups: [{ orgId: 1, name, folder: 'Guestbook', interval: '1m', rules }]
    }
  }
  return files
}
