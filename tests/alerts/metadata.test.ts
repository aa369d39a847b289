/** Compares the rules and notification policies with expected-alerts.yml. */
import { readFileSync } from 'node:fs'
import { describe, expect, test } from '@jest/globals'
import { parse } from 'yaml'
import { EXPECTED_ALERTS } from './expected-alerts.ts'
import { onOneLine } from './one-line.ts'
import { deliveriesOf } from './routing.ts'
import {
  ALERT_RULES, alertingFiles, groupsOf, rulesOf
} from '../../alert-rules/generator/provisioning.ts'

const RUNBOOKS =
  'https://github.com/guestbook/guestbook-platform/blob/main/alert-rules/runbooks'
const files = alertingFiles()
const rules = rulesOf(files)
const ruleOf = (uid: string) => rules.find(rule => rule.uid === uid)!

test('these rules exist', () => {
  expect(rules.map(({ uid }) => uid).sort()).toEqual(Object.keys(EXPECTED_ALERTS).sort())
})

test.each(Object.entries(EXPECTED_ALERTS))('%s has the expected fields', (uid, alert) => {
  const { title, labels, expr, condition, links, summary, impact } = alert
  const { dashboard, panel, runbook } = links
  const [operator, threshold] = condition.fires.split(' ')
  const evaluator = { type: operator === '<' ? 'lt' : 'gt', params: [Number(threshold)] }
  const conditions = [{ evaluator }]
  const data = [
    ['value', 'prometheus', { instant: true, expr }],
    ['fires', '__expr__', { type: 'threshold', expression: 'value', conditions }]
  ] as const
  expect(onOneLine(ruleOf(uid))).toEqual(onOneLine({
    uid,
    title,
    condition: 'fires',
    data: data.map(([refId, datasourceUid, model]) => ({
      refId, datasourceUid, relativeTimeRange: { from: 600, to: 0 }, model: { refId, ...model }
    })),
    for: condition.for,
    noDataState: condition.unknown,
    execErrState: condition.unknown,
    dashboardUid: dashboard,
    panelId: panel,
    labels,
    annotations: {
      __dashboardUid__: dashboard,
      __panelId__: String(panel),
      summary,
      impact,
      runbook,
      runbook_url: `${RUNBOOKS}/${runbook}`
    }
  }))
})

test('Grafana evaluates every group once a minute', () => {
  const names = [
    'error-rate', 'mongodb', 'platform', 'request-latency', 'service-availability',
    'slo-burn-rate', 'visitor-probe', 'watchdog'
  ]
  const groups = names.map(name => ({ orgId: 1, name, folder: 'Guestbook', interval: '1m' }))
  expect(groupsOf(files).map(({ rules: _, ...group }) => group)).toEqual(groups)
})

test('Grafana deletes the rules of earlier versions', () => {
  const uids = ['slo-burn-fast', 'slo-burn-slow', 'slo-burn-creeping', 'slo-burn-lasting']
  const deleteRules = uids.map(uid => ({ orgId: 1, uid }))
  expect(files['retired_alerts.yml']).toEqual({ apiVersion: 1, deleteRules })
})

test('the probe expects status 200 and the form within five seconds', () => {
  const http = {
    valid_status_codes: [200],
    preferred_ip_protocol: 'ip4',
    fail_if_body_not_matches_regexp: ['<form']
  }
  expect(parse(readFileSync(`${ALERT_RULES}blackbox.yml`, 'utf8'))).toEqual({
    modules: { page: { prober: 'http', timeout: '5s', http } }
  })
})

/** A contact point with one receiver. */
const point = (name: string, type: string, disableResolveMessage: boolean, settings: object) =>
  ({ orgId: 1, name, receivers: [{ uid: name, type, disableResolveMessage, settings }] })
const GROUP = { group_by: ['alertname', 'service', 'slo'] }

describe('with PagerDuty', () => {
  const { policies, muteTimes, contactPoints } = files['notifications.yml']!
  /** When a notification is sent, extended and repeated. */
  const TIMES: Record<string, object> = {
    critical: { group_wait: '10s', group_interval: '1m', repeat_interval: '4h' },
    warning: { group_wait: '1m', group_interval: '5m', repeat_interval: '24h' },
    none: { group_wait: '10s', group_interval: '1m', repeat_interval: '1m' }
  }

  test.each(Object.entries(EXPECTED_ALERTS))(
    '%s is delivered once, to the expected receiver',
    (uid, { labels: { severity }, delivery: { receiver, muted } }) => {
      const mutes = { mute_time_intervals: muted === 'never' ? [] : [muted] }
      expect(deliveriesOf(ruleOf(uid).labels, policies![0]!))
        .toEqual([{ receiver, ...GROUP, ...TIMES[severity], ...mutes }])
    }
  )

  test('an alert of an unknown severity pages and is never muted', () => {
    const times = { group_wait: '30s', group_interval: '5m', repeat_interval: '4h' }
    expect(deliveriesOf({ severity: 'page' }, policies![0]!))
      .toEqual([{ receiver: 'pagerduty', ...GROUP, ...times, mute_time_intervals: [] }])
  })

  test('warnings are muted on Sundays from 2 to 4 UTC', () => {
    const times = [{ start_time: '02:00', end_time: '04:00' }]
    const intervals = [{ weekdays: ['sunday'], times }]
    expect(muteTimes).toEqual([{ orgId: 1, name: 'planned-work', time_intervals: intervals }])
  })

  test('PagerDuty receives resolved alerts, the heartbeat receiver does not', () => {
    expect(contactPoints).toEqual([
      point('pagerduty', 'pagerduty', false, expect.any(Object)),
      point('heartbeat', 'webhook', true, { url: '$HEARTBEAT_URL' })
    ])
  })

  test('everything belongs to the default organisation of Grafana', () => {
    const { templates, ...lists } = files['notifications.yml']!
    const objects = [...Object.values(lists).flat(), ...templates!].filter(
      object => typeof object === 'object'
    )
    expect(objects.map(({ orgId }) => orgId)).toEqual(objects.map(() => 1))
  })
})

describe('without PagerDuty', () => {
  const name = 'notifications_without_pagerduty.yml'
  const { policies, ...others } = alertingFiles(undefined, name)[name]!

  test('every alert is muted at all times', () => {
    const muted = [{ receiver: 'nobody', ...GROUP, mute_time_intervals: ['always'] }]
    for (const { uid, labels } of rules) {
      expect({ uid, muted: deliveriesOf(labels, policies![0]!) }).toEqual({ uid, muted })
    }
  })

  test('the only receiver is an unreachable address', () => {
    const times = [{ start_time: '00:00', end_time: '24:00' }]
    expect(others).toEqual({
      apiVersion: 1,
      contactPoints: [point('nobody', 'email', true, { addresses: 'nobody@localhost' })],
      muteTimes: [{ orgId: 1, name: 'always', time_intervals: [{ times }] }]
    })
  })
})
