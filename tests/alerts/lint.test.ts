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

const uid = 'frontend-down'
const expr = (text: string) => (rule: Rule) => { rule.data[0]!.model.expr = text }
const stores = 'guestbook_store_operation_duration_seconds_count'

test.each<[error: string, breakIt: (rule: Rule) => unknown, message: string]>([
  ['a title in words', rule => { rule.title = 'Frontend down' }, 'must be in PascalCase'],
  ['a long uid', rule => { rule.uid = 'x'.repeat(41) }, 'the uid must have 1 to 40'],
  [
    'an unknown severity',
    rule => { rule.labels.severity = 'page' },
    'the severity must be critical or warning, not page'
  ],
  [
    'a missing severity',
    rule => { delete rule.labels.severity },
    'the severity must be critical or warning'
  ],
  ['a missing summary', rule => { delete rule.annotations.summary }, 'the summary is missing'],
  ['a missing impact', rule => { delete rule.annotations.impact }, 'the impact is missing'],
  [
    'a missing runbook',
    rule => { rule.annotations.runbook = 'gone.md' },
    'the runbook gone.md does not exist'
  ],
  [
    'a missing dashboard',
    rule => { rule.dashboardUid = 'gone' },
    'the dashboard gone does not exist'
  ],
  ['a missing panel', rule => { rule.panelId = 99 }, 'has no panel 99'],
  [
    'annotations that link to another panel',
    rule => { rule.annotations.__panelId__ = '2' },
    'must equal dashboardUid and panelId'
  ],
  ['an empty noDataState', rule => { rule.noDataState = '' }, 'noDataState must be one of'],
  [
    'a noDataState that Grafana rejects',
    rule => { rule.noDataState = 'KeepLastState' },
    'noDataState must be one of'
  ],
  ['an empty execErrState', rule => { rule.execErrState = '' }, 'execErrState must be one of'],
  ['an empty duration', rule => { rule.for = '' }, 'for must be a duration'],
  [
    'an empty time range',
    rule => { rule.data[0]!.relativeTimeRange = { from: 0, to: 0 } },
    'relativeTimeRange'
  ],
  [
    'a query with two refIds',
    rule => { rule.data[0]!.model.refId = 'other' },
    'refIds of a query and of its model differ'
  ],
  ['a range query', rule => { delete rule.data[0]!.model.instant }, 'must be instant'],
  [
    'a condition without a threshold',
    rule => { rule.condition = 'value' },
    'is not a query with a threshold'
  ],
  [
    'an unescaped $ in a label',
    rule => { rule.labels.slo = '{{ $labels.slo }}' },
    'needs $$ for a literal $'
  ],
  [
    'an escaped $ in an annotation',
    rule => { rule.annotations.summary = '{{ $$labels.slo }}' },
    'is not expanded'
  ],
  [
    'a variable in an annotation',
    rule => { rule.annotations.summary = 'See ${HOME}' },
    'is not expanded'
  ],
  ['invalid PromQL', expr('sum('), 'syntax error at'],
  ['an unknown metric', expr('http_request_seconds_total'), 'no metric http_request_seconds_total'],
  [
    'an unknown label',
    expr('http_requests_total{status="500"}'),
    'http_requests_total has no label status'
  ],
  [
    'a bound that is no bucket',
    expr('http_request_duration_seconds_bucket{le="0.35"}'),
    'never has le="0.35"'
  ],
  [
    'a bound that Prometheus 3 formats in another way',
    expr('http_request_duration_seconds_bucket{le="1"}'),
    'is "1.0" in Prometheus 3'
  ],
  [
    'an unknown route',
    expr('http_requests_total{route="/index"}'),
    'never has route="/index"'
  ],
  [
    'an impossible status',
    expr('http_requests_total{status_code=~"9.."}'),
    'never has status_code=~"9.."'
  ],
  ['an unknown outcome', expr(`${stores}{outcome="failed"}`), 'never has outcome="failed"'],
  ['an unknown job', expr('up{job=~"guestbook-frontend|guestbook-web"}'), 'never has job=~'],
  ['an unknown grouping', expr('sum by (region) (up)'), 'has the label region'],
  [
    'an instance for every route',
    expr('sum by (route) (http_requests_total)'),
    'must not be grouped by route'
  ],
  [
    'a window longer than the retention',
    expr('max_over_time(up[8d])'),
    'the window 8d is longer than the retention of 7d'
  ]
])('%s is a problem of a rule', (_error, breakIt, message) => {
  breakIt(rulesOf(given.files).find(rule => rule.uid === uid)!)
  expect(lint(given)).toEqual(expect.arrayContaining([expect.stringContaining(message)]))
})

type Break = (given: AlertRules, root: Route) => unknown
test.each<[error: string, breakIt: Break, message: string]>([
  [
    'a repeated uid',
    ({ files }) => { rulesOf(files)[1]!.uid = rulesOf(files)[0]!.uid },
    'is used twice'
  ],
  [
    'a repeated title',
    ({ files }) => { rulesOf(files)[1]!.title = rulesOf(files)[0]!.title },
    'is used twice'
  ],
  [
    'an interval off the grid of Grafana',
    ({ files }) => { files['platform_alerts.yml']!.groups![0]!.interval = '15s' },
    'is not a multiple of 10 s'
  ],
  [
    'another apiVersion',
    ({ files }) => { files['platform_alerts.yml']!.apiVersion = 2 as 1 },
    'apiVersion must be 1'
  ],
  [
    'an unknown receiver',
    (_given, root) => { root.routes![1]!.receiver = 'pager' },
    'the receiver pager, which does not exist'
  ],
  [
    'an unknown mute timing',
    (_given, root) => { root.mute_time_intervals = ['holidays'] },
    'the mute timing holidays'
  ],
  [
    'a root policy that matches',
    (_given, root) => { root.object_matchers = [['severity', '=', 'critical']] },
    'the root policy can neither match nor mute'
  ],
  [
    'a second policy',
    ({ files }, root) => { files['notifications.yml']!.policies!.push(root) },
    'there must be one policy'
  ],
  [
    'a watchdog that pages',
    (_given, root) => { root.routes!.shift() },
    'watchdog: only the watchdog goes to the heartbeat receiver'
  ],
  [
    'an unknown environment variable',
    ({ files }) => {
      files['notifications.yml']!.contactPoints![0]!.receivers[0]!.settings.url = '$PAGER'
    },
    '$PAGER is not an environment variable of Grafana'
  ],
  [
    'an unknown template',
    ({ files }) => { files['notifications.yml']!.templates = [] },
    'the template guestbook.summary does not exist'
  ],
  [
    'a panel with an unknown metric',
    ({ dashboards }) => { dashboards[0]!.panels[0]!.targets[0]!.expr = 'gone_total' },
    'no metric gone_total'
  ],
  [
    'a repeated panel id',
    ({ dashboards: [first] }) => { first!.panels[1]!.id = first!.panels[0]!.id },
    'is used twice'
  ]
])('%s is a problem', (_error, breakIt, message) => {
  breakIt(given, given.files['notifications.yml']!.policies![0]!)
  expect(lint(given)).toEqual(expect.arrayContaining([expect.stringContaining(message)]))
})
