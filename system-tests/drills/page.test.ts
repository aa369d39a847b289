import { expect, test } from '@jest/globals'
import { alertingFiles, rulesOf } from '../../alert-rules/generator/provisioning.ts'
import { isHeartbeat, isPageOf, pageProblems } from './page.ts'
import type { PagerDutyEvent } from './pagerduty.ts'

const ADDRESSES = {
  runbooks: 'https://runbooks.example/guestbook',
  grafana: 'https://grafana.example'
}
const DETAILS = {
  impact: "Visitors get the ingress's error page and can neither read nor post.",
  dashboard: 'https://grafana.example/d/guestbook-overview?orgId=1&viewPanel=1',
  logs: 'https://grafana.example/d/guestbook-logs?var-service=frontend'
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
  client_url: 'https://runbooks.example/guestbook/frontend-down.md'
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
  [
    'another runbook',
    { ...PAGE, client_url: 'https://runbooks.example/guestbook/backend-down.md' },
    'runbook link'
  ],
  [
    'half of the impact',
    withDetails({ impact: "Visitors get the ingress's error page" }),
    'impact'
  ],
  [
    'another dashboard',
    withDetails({ dashboard: 'https://grafana.example/d/guestbook-slo?viewPanel=1' }),
    'dashboard link'
  ],
  [
    'another panel',
    withDetails({ dashboard: 'https://grafana.example/d/guestbook-overview?viewPanel=11' }),
    'dashboard link'
  ],
  [
    'the logs of another service',
    withDetails({ logs: 'https://grafana.example/d/guestbook-logs?var-service=backend' }),
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
        dashboard: 'https://grafana.example/d/guestbook-slo?viewPanel=2',
        logs: 'https://grafana.example/d/guestbook-logs?var-service=backend'
      }
    }),
    client_url: 'https://runbooks.example/guestbook/slo-burn.md'
  }
  expect(problems(page, 'slo-burn-page-fast')).toEqual(expected)
  expect(
    problems({ ...page, payload: { ...page.payload, component: '' } }, 'slo-burn-page-fast')
  ).toContain('component')
})

test('a page belongs to the rule of its title, its service and its objective', () => {
  const page = { rule: 'x', within: '1m', resolvedWithin: '1m' }
  const isOf = (uid: string, event: PagerDutyEvent, slo?: string) =>
    isPageOf(rule(uid), slo === undefined ? page : { ...page, slo })(event)
  expect(isOf('frontend-down', PAGE)).toBe(true)
  expect(isOf('backend-down', PAGE)).toBe(false)
  expect(isOf('frontend-down', { ...PAGE, event_action: 'resolve' })).toBe(false)
  expect(isOf('frontend-down', withPayload({ component: 'backend' }))).toBe(false)
  expect(isOf('frontend-down', PAGE, 'frontend-latency')).toBe(false)
  const burn = withPayload({
    class: 'ErrorBudgetBurnPageFast',
    summary: 'The budget of frontend-latency burns'
  })
  expect(isOf('slo-burn-page-fast', burn, 'frontend-latency')).toBe(true)
  expect(isOf('slo-burn-page-fast', burn, 'backend-latency')).toBe(false)
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
