import { beforeEach, expect, test } from '@jest/globals'
import { rulesOf, type Route, type Rule } from '../../alert-rules/generator/provisioning.ts'
import { alertRules, metricsPages } from './alert-rules.ts'
import { lint, type AlertRules } from './lint.ts'

let pages: string[] | undefined
let given: AlertRules
beforeEach(async () => {
  pages ??= await metricsPages()
  given = alertRules(pages)
})

test.each(['notifications.yml', 'notifications_without_pagerduty.yml'])(
  'the rules, dashboards and %s have no problem',
  notifications => {
    expect(lint(alertRules(pages!, notifications))).toEqual([])
  }
)

test('an unknown route does not become a series', () => {
  for (const page of pages!) {
    expect(page.match(/^http_requests_total\{.*route="not_found"/gm)).toHaveLength(1)
  }
  expect(pages!.join()).not.toContain('nothing-')
})

test('every runbook belongs to a rule', () => {
  const named = rulesOf(given.files).map(({ annotations }) => annotations.runbook)
  expect(given.runbooks.sort()).toEqual([...new Set(named)].sort())
})

const expr = (text: string) => (rule: Rule) => { rule.data[0]!.model.expr = text }
const stores = 'guestbook_store_operation_duration_seconds_count'

type Break = (rule: Rule, given: AlertRules, root: Route) => unknown
const PROBLEMS: Array<[problem: string, cause: Break]> = [
  ['the title must be in PascalCase', rule => { rule.title = 'Frontend down' }],
  ['the uid must have 1 to 40', rule => { rule.uid = 'x'.repeat(41) }],
  ['severity must be critical or warning, not page', rule => { rule.labels.severity = 'page' }],
  ['severity must be critical or warning', rule => { delete rule.labels.severity }],
  ['the summary is missing', rule => { delete rule.annotations.summary }],
  ['the impact is missing', rule => { delete rule.annotations.impact }],
  ['the runbook gone.md does not exist', rule => { rule.annotations.runbook = 'gone.md' }],
  ['the dashboard gone does not exist', rule => { rule.dashboardUid = 'gone' }],
  ['has no panel 99', rule => { rule.panelId = 99 }],
  ['must equal dashboardUid and panelId', rule => { rule.annotations.__panelId__ = '2' }],
  ['noDataState must be one of', rule => { rule.noDataState = '' }],
  ['noDataState must be one of NoData', rule => { rule.noDataState = 'KeepLastState' }],
  ['execErrState must be one of', rule => { rule.execErrState = '' }],
  ['for must be a duration', rule => { rule.for = '' }],
  ['a relativeTimeRange', rule => { rule.data[0]!.relativeTimeRange = { from: 0, to: 0 } }],
  ['refIds of a query and of its model differ', rule => { rule.data[0]!.model.refId = 'other' }],
  ['must be instant', rule => { delete rule.data[0]!.model.instant }],
  ['is not a query with a threshold', rule => { rule.condition = 'value' }],
  ['needs $$ for a literal $', rule => { rule.labels.slo = '{{ $labels.slo }}' }],
  ['{{ $$labels.slo }}" is not expanded', rule => {
    rule.annotations.summary = '{{ $$labels.slo }}'
  }],
  ['See ${HOME}" is not expanded', rule => { rule.annotations.summary = 'See ${HOME}' }],
  ['syntax error at', expr('sum(')],
  ['no metric http_request_seconds_total', expr('http_request_seconds_total')],
  ['http_requests_total has no label status', expr('http_requests_total{status="500"}')],
  ['never has le="0.35"', expr('http_request_duration_seconds_bucket{le="0.35"}')],
  ['is "1.0" in Prometheus 3', expr('http_request_duration_seconds_bucket{le="1"}')],
  ['never has route="/index"', expr('http_requests_total{route="/index"}')],
  ['never has status_code=~"9.."', expr('http_requests_total{status_code=~"9.."}')],
  ['never has outcome="failed"', expr(`${stores}{outcome="failed"}`)],
  ['never has job=~', expr('up{job=~"guestbook-frontend|guestbook-web"}')],
  ['has the label region', expr('sum by (region) (up)')],
  ['must not be grouped by route', expr('sum by (route) (http_requests_total)')],
  ['the window 8d is longer than the retention of 7d', expr('max_over_time(up[8d])')],
  ['the uid frontend-down is used twice', (rule, { files }) => {
    rulesOf(files).find(one => one !== rule)!.uid = rule.uid
  }],
  ['the title FrontendDown is used twice', (rule, { files }) => {
    rulesOf(files).find(one => one !== rule)!.title = rule.title
  }],
  ['the interval 15s is not a multiple of 10 s', (_, { files }) => {
    files['platform_alerts.yml']!.groups![0]!.interval = '15s'
  }],
  ['apiVersion must be 1', (_, { files }) => {
    files['platform_alerts.yml']!.apiVersion = 2 as 1
  }],
  ['the receiver pager, which does not exist', (_, __, root) => {
    root.routes![1]!.receiver = 'pager'
  }],
  ['the mute timing holidays', (_, __, root) => { root.mute_time_intervals = ['holidays'] }],
  ['the root policy can neither match nor mute', (_, __, root) => {
    root.object_matchers = [['severity', '=', 'critical']]
  }],
  ['there must be one policy', (_, { files }, root) => {
    files['notifications.yml']!.policies!.push(root)
  }],
  ['watchdog: only the watchdog goes to the heartbeat receiver', (_, __, root) => {
    root.routes!.shift()
  }],
  ['$PAGER is not an environment variable of Grafana', (_, { files }) => {
    files['notifications.yml']!.contactPoints![0]!.receivers[0]!.settings.url = '$PAGER'
  }],
  ['the template guestbook.summary does not exist', (_, { files }) => {
    files['notifications.yml']!.templates = []
  }],
  ['no metric gone_total', (_, { dashboards }) => {
    dashboards[0]!.panels[0]!.targets[0]!.expr = 'gone_total'
  }],
  ['the panel id 1 is used twice', (_, { dashboards: [first] }) => {
    first!.panels[1]!.id = first!.panels[0]!.id
  }]
]

test.each(PROBLEMS)('the linter reports: %s', (problem, cause) => {
  const rule = rulesOf(given.files).find(({ uid }) => uid === 'frontend-down')!
  cause(rule, given, given.files['notifications.yml']!.policies![0]!)
  expect(lint(given)).toEqual(expect.arrayContaining([expect.stringContaining(problem)]))
})
