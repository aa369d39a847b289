/** Compares the rules and notification policies with expected-alerts.yml. */
import { readFileSync } from 'node:fs'
import { describe, expect, test } from '@jest/globals'
import { parse } from 'yaml'
import { EXPECTED_ALERTS } from './expected-alerts.ts'
import { onOneLine } from './one-line.ts'
import { deliveriesOf } from './routing.ts'
import {
  ALERT_RULES,
  alertingFiles,
  groupsOf,
  rulesOf
} from '../../alert-rules/generator/provisioning.ts'

const RUNBOOKS =
  'https://github.com/guestbook/guestbook-platform/blob/main/alert-rules/runbooks'
const files = alertingFiles()
const rules = rulesOf(files)

test('these rules exist', () => {
  expect(rules.map(({ uid }) => uid).sort()).toEqual(Object.keys(EXPECTED_ALERTS).sort())
})

test.each(Object.entries(EXPECTED_ALERTS))('%s has the expected fields', (uid, alert) => {
  const { title, labels, expr, condition, links, summary, impact } = alert
  const [operator, threshold] = condition.fires.split(' ')
  const evaluator = { type: operator === '<' ? 'lt' : 'gt', params: [Number(threshold)] }
  const query = { refId: 'value', instant: true, expr }
  const comparison = {
    refId: 'fires',
    type: 'threshold',
    expression: 'value',
    conditions: [{ evaluator }]
  }
  const relativeTimeRange = { from: 600, to: 0 }
  expect(onOneLine(rules.find(rule => rule.uid === uid)!)).toEqual(
    onOneLine({
      uid,
      title,
      condition: 'fires',
      data: [
        { refId: 'value', datasourceUid: 'prometheus', relativeTimeRange, model: query },
        { refId: 'fires', datasourceUid: '__expr__', relativeTimeRange, model: comparison }
      ],
      for: condition.for,
      noDataState: condition.unknown,
      execErrState: condition.unknown,
      dashboardUid: links.dashboard,
      panelId: links.panel,
      labels,
      annotations: {
        __dashboardUid__: links.dashboard,
        __panelId__: String(links.panel),
        summary,
        impact,
        runbook: links.runbook,
        runbook_url: `${RUNBOOKS}/${links.runbook}`
      }
    })
  )
})

test('Grafana evaluates every group once a minute', () => {
  expect(groupsOf(files).map(({ rules: _, ...group }) => group)).toEqual(
    [
      'error-rate',
      'mongodb',
      'platform',
      'request-latency',
      'service-availability',
      'slo-burn-rate',
      'visitor-probe',
      'watchdog'
    ].map(name => ({ orgId: 1, name, folder: 'Guestbook', interval: '1m' }))
  )
})

test('Grafana deletes the rules of earlier versions', () => {
  expect(files['retired_alerts.yml']).toEqual({
    apiVersion: 1,
    deleteRules: ['fast', 'slow', 'creeping', 'lasting'].map(name => ({
      orgId: 1,
      uid: `slo-burn-${name}`
    }))
  })
})

test('the probe expects status 200 and the form within five seconds', () => {
  expect(parse(readFileSync(`${ALERT_RULES}blackbox.yml`, 'utf8'))).toEqual({
    modules: {
      page: {
        prober: 'http',
        timeout: '5s',
        http: {
          valid_status_codes: [200],
          preferred_ip_protocol: 'ip4',
          fail_if_body_not_matches_regexp: ['<form']
        }
      }
    }
  })
})

describe('with PagerDuty', () => {
  const { policies, muteTimes, contactPoints } = files['notifications.yml']!
  const group = { group_by: ['alertname', 'service', 'slo'] }
  /** When a notification is sent, extended and repeated. */
  const TIMES: Record<string, object> = {
    critical: { group_wait: '10s', group_interval: '1m', repeat_interval: '4h' },
    warning: { group_wait: '1m', group_interval: '5m', repeat_interval: '24h' },
    none: { group_wait: '10s', group_interval: '1m', repeat_interval: '1m' }
  }

  test.each(Object.entries(EXPECTED_ALERTS))(
    '%s is delivered once, to the expected receiver',
    (uid, { labels: { severity }, delivery: { receiver, muted } }) => {
      const { labels } = rules.find(rule => rule.uid === uid)!
      expect(deliveriesOf(labels, policies![0]!)).toEqual([
        {
          receiver,
          ...group,
          ...TIMES[severity],
          mute_time_intervals: muted === 'never' ? [] : [muted]
        }
      ])
    }
  )

  test('an alert of an unknown severity pages and is never muted', () => {
    expect(deliveriesOf({ severity: 'page' }, policies![0]!)).toEqual([
      {
        receiver: 'pagerduty',
        ...group,
        group_wait: '30s',
        group_interval: '5m',
        repeat_interval: '4h',
        mute_time_intervals: []
      }
    ])
  })

  test('warnings are muted on Sundays from 2 to 4 UTC', () => {
    expect(muteTimes).toEqual([
      {
        orgId: 1,
        name: 'planned-work',
        time_intervals: [
          { weekdays: ['sunday'], times: [{ start_time: '02:00', end_time: '04:00' }] }
        ]
      }
    ])
  })

  test('PagerDuty receives resolved alerts, the heartbeat receiver does not', () => {
    expect(
      contactPoints!.map(({ name, receivers }) => [
        name,
        receivers.map(({ settings: _, ...receiver }) => receiver)
      ])
    ).toEqual([
      ['pagerduty', [{ uid: 'pagerduty', type: 'pagerduty', disableResolveMessage: false }]],
      ['heartbeat', [{ uid: 'heartbeat', type: 'webhook', disableResolveMessage: true }]]
    ])
    expect(contactPoints![1]!.receivers[0]!.settings).toEqual({ url: '$HEARTBEAT_URL' })
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
  const { apiVersion, ...lists } = alertingFiles(undefined, 'notifications_without_pagerduty.yml')[
    'notifications_without_pagerduty.yml'
  ]!

  test('every alert is muted at all times', () => {
    for (const { uid, labels } of rules) {
      expect({ uid, muted: deliveriesOf(labels, lists.policies![0]!) }).toEqual({
        uid,
        muted: [
          {
            receiver: 'nobody',
            group_by: ['alertname', 'service', 'slo'],
            mute_time_intervals: ['always']
          }
        ]
      })
    }
  })

  test('the only receiver is an unreachable address', () => {
    expect({ apiVersion, contactPoints: lists.contactPoints, muteTimes: lists.muteTimes }).toEqual({
      apiVersion: 1,
      contactPoints: [
        {
          orgId: 1,
          name: 'nobody',
          receivers: [
            {
              uid: 'nobody',
              type: 'email',
              disableResolveMessage: true,
              settings: { addresses: 'nobody@localhost' }
            }
          ]
        }
      ],
      muteTimes: [
        {
          orgId: 1,
          name: 'always',
          time_intervals: [{ times: [{ start_time: '00:00', end_time: '24:00' }] }]
        }
      ]
    })
  })
})
