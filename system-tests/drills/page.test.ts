import { expect, test } from '@jest/globals'
import { alertingFiles, rulesOf } from '../../alert-rules/generator/provisioning.ts'
import { isHeartbeat, isPageOf, pageProblems } from './page.ts'
import type { PagerDutyEvent } from './pagerduty.ts'

const GRAFANA = 'https://grafana.example'
const RUNBOOKS = 'https://runbooks.example/guestbook'
const ADDRESSES = { runbooks: RUNBOOKS, grafana: GRAFANA }
const DETAILS = {
  impact: "Visitors get the ingress's error page and can neither read nor post.",
  dashboard: `${GRAFANA}/d/guestbook-overview?orgId=1&viewPanel=1`,
  logs: `${GRAFANA}/d/guestbook-logs?var-service=frontend`
}
const PAYLOAD = {
  summary: 'No frontend replica responds',
  source: 'guestbook',
  severity: 'critical',
  class: 'FrontendDown',
  component: 'frontend',
  custom_details: DETAILS
}
const PAGE: PagerDutyEvent = {
  routing_key: 'key',
  dedup_key: 'one',
  event_action: 'trigger',
  payload: PAYLOAD,
  client_url: `${RUNBOOKS}/frontend-down.md`
}
const withPayload = (payload: object) => ({ ...PAGE, payload: { ...PAYLOAD, ...payload } })
const withDetails = (details: object) => withPayload({ custom_details: { ...DETAILS, ...details } })
const rules = rulesOf(alertingFiles())
const rule = (uid: string) => rules.find(rule => rule.uid === uid)!
const problems = (event: PagerDutyEvent, uid = 'frontend-down', hasDetails = true) =>
  pageProblems(rule(uid), event, ADDRESSES, { hasDetails })

test('a page that says what is promised is right', () => {
  expect(problems(PAGE)).toEqual([])
})

test.each<[what: string, page: PagerDutyEvent, problem: string]>([
  ['a severity that is not the promised one', withPayload({ severity: 'warning' }), 'severity'],
  ['another title', withPayload({ class: 'FrontendHighErrorRate' }), 'class'],
  ['another service', withPayload({ component: 'backend' }), 'component'],
  ['another summary', withPayload({ summary: 'No frontend replica responds at all' }), 'summary'],
  ['no key to resolve it by', { ...PAGE, dedup_key: '' }, 'dedup key'],
  ['another runbook', { ...PAGE, client_url: `${RUNBOOKS}/backend-down.md` }, 'runbook link'],
  [
    'half of the impact',
    withDetails({ impact: "Visitors get the ingress's error page" }),
    'impact'
  ],
  [
    'another dashboard',
    withDetails({ dashboard: `${GRAFANA}/d/guestbook-slo?viewPanel=1` }),
    'dashboard link'
  ],
  [
    'another panel',
    withDetails({ dashboard: `${GRAFANA}/d/guestbook-overview?viewPanel=11` }),
    'dashboard link'
  ],
  [
    'the logs of another service',
    withDetails({ logs: `${GRAFANA}/d/guestbook-logs?var-service=backend` }),
    'logs link'
  ]
])('%s is a problem', (_, page, problem) => {
  expect(problems(page)).toEqual([problem])
})

test('an engine without details of its own is asked for no link to the logs', () => {
  expect(problems(withDetails({ logs: '' }), 'frontend-down', false)).toEqual([])
})

test.each<[summary: string, problems: string[]]>([
  ['The error budget of backend-availability burns 14.4 times too fast', []],
  ['The error budget of <no value> burns 14.4 times too fast', ['summary']],
  ['The error budget of {{ $labels.slo }} burns 14.4 times too fast', ['summary']],
  ['The error budget of  burns 14.4 times too fast', ['summary']],
  ['ErrorBudgetBurnPageFast: 2 at once', []],
  ['The error budget of backend-availability burns 6 times too fast', ['summary']]
])('the summary "%s" has the problems %j', (summary, expected) => {
  const page = {
    ...withPayload({
      summary,
      class: 'ErrorBudgetBurnPageFast',
      component: 'backend',
      custom_details: {
        impact: 'At this rate, 1h uses 2 % of the error budget of 30d.',
        dashboard: `${GRAFANA}/d/guestbook-slo?viewPanel=2`,
        logs: `${GRAFANA}/d/guestbook-logs?var-service=backend`
      }
    }),
    client_url: `${RUNBOOKS}/slo-burn.md`
  }
  expect(problems(page, 'slo-burn-page-fast')).toEqual(expected)
  const unlabelled = { ...page, payload: { ...page.payload, component: '' } }
  expect(problems(unlabelled, 'slo-burn-page-fast')).toContain('component')
})

const BURN = withPayload({
  class: 'ErrorBudgetBurnPageFast',
  summary: 'The budget of frontend-latency burns'
})

test.each<[what: string, uid: string, slo: string, event: PagerDutyEvent, isOf: boolean]>([
  ['a page of the rule', 'frontend-down', '', PAGE, true],
  ['a page of another rule', 'backend-down', '', PAGE, false],
  ['a resolution', 'frontend-down', '', { ...PAGE, event_action: 'resolve' }, false],
  ['a page of another service', 'frontend-down', '', withPayload({ component: 'backend' }), false],
  ['a page without the objective', 'frontend-down', 'frontend-latency', PAGE, false],
  ['a page of the objective', 'slo-burn-page-fast', 'frontend-latency', BURN, true],
  ['a page of another objective', 'slo-burn-page-fast', 'backend-latency', BURN, false]
])('%s: %s %s', (_what, uid, slo, event, isOf) => {
  const page = { rule: uid, within: '1m', resolvedWithin: '1m', ...(slo && { slo }) }
  expect(isPageOf(rule(uid), page)(event)).toBe(isOf)
})

test('the watchdog is the rule whose absence pages', () => {
  expect(
    ['watchdog', 'prometheus-unreachable', 'frontend-down'].filter(uid => isHeartbeat(rule(uid)))
  ).toEqual(['watchdog'])
  const missing = withPayload({ class: 'Heartbeat missing', component: 'alerting' })
  expect(
    isPageOf(rule('watchdog'), { rule: 'watchdog', within: '1m', resolvedWithin: '1m' })(missing)
  ).toBe(true)
})
