import { beforeEach, expect, test } from '@jest/globals'
import { alertRules, metricsPages } from './alert-rules.ts'
import { lint, type AlertRules } from './lint.ts'
import { rulesOf, type Rule, type Route } from '../../alert-rules/generator/provisioning.ts'

let pages: string[] | undefined
let given: AlertRules
beforeEach(async () => {
  pages ??= await metricsPages()
  given = alertRules(pages)
})

test.each(['notifications.yml', 'notifications_without_pagerduty.yml'])(
  'nothing is wrong with the rules, dashboards and %s',
  notifications => {
    expect(lint(alertRules(pages!, notifications))).toEqual([])
  }
)

test('no route that visitors make up becomes a series', () => {
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

test.each<[refused: string, breakIt: (rule: Rule) => unknown, message: string]>([
  [
    'an uid that Grafana refuses',
    rule => {
      rule.uid = 'x'.repeat(41)
    },
    'the uid must have 1 to 40'
  ],
  [
    'another severity',
    rule => {
      rule.labels.severity = 'page'
    },
    'the severity must be critical or warning, not page'
  ],
  [
    'no severity',
    rule => {
      delete rule.labels.severity
    },
    'the severity must be critical or warning'
  ],
  [
    'no summary',
    rule => {
      delete rule.annotations.summary
    },
    'there is no summary'
  ],
  [
    'no impact',
    rule => {
      delete rule.annotations.impact
    },
    'there is no impact'
  ],
  [
    'a runbook that is not there',
    rule => {
      rule.annotations.runbook = 'gone.md'
    },
    'the runbook gone.md does not exist'
  ],
  [
    'a dashboard that is not there',
    rule => {
      rule.dashboardUid = 'gone'
    },
    'the dashboard gone does not exist'
  ],
  [
    'a panel that is not there',
    rule => {
      rule.panelId = 99
    },
    'has no panel 99'
  ],
  [
    'a message that links elsewhere',
    rule => {
      rule.annotations.__panelId__ = '2'
    },
    'are not those of the rule'
  ],
  [
    'silence about missing data',
    rule => {
      rule.noDataState = ''
    },
    'noDataState must be said'
  ],
  [
    'a state that stops Grafana',
    rule => {
      rule.noDataState = 'KeepLastState'
    },
    'noDataState must be said: one of'
  ],
  [
    'silence about errors',
    rule => {
      rule.execErrState = ''
    },
    'execErrState must be said'
  ],
  [
    'no time to wait',
    rule => {
      rule.for = ''
    },
    'for must be a duration'
  ],
  [
    'an empty range',
    rule => {
      rule.data[0]!.relativeTimeRange = { from: 0, to: 0 }
    },
    'relativeTimeRange'
  ],
  [
    'two names for a query',
    rule => {
      rule.data[0]!.model.refId = 'other'
    },
    'refId of a query and of its model differ'
  ],
  [
    'a range query',
    rule => {
      delete rule.data[0]!.model.instant
    },
    'must be instant'
  ],
  [
    'no threshold',
    rule => {
      rule.condition = 'value'
    },
    'is not a query with a threshold'
  ],
  [
    'a variable in a label',
    rule => {
      rule.labels.slo = '{{ $labels.slo }}'
    },
    'needs $$ where a $ is meant'
  ],
  [
    'a doubled $ in an annotation',
    rule => {
      rule.annotations.summary = '{{ $$labels.slo }}'
    },
    'is not expanded'
  ],
  [
    'a variable in an annotation',
    rule => {
      rule.annotations.summary = 'See ${HOME}'
    },
    'is not expanded'
  ],
  ['an expression that is none', expr('sum('), 'cannot be read at'],
  [
    'a metric that nobody exports',
    expr('http_request_seconds_total'),
    'nobody exports http_request_seconds_total'
  ],
  [
    'a label that the metric lacks',
    expr('http_requests_total{status="500"}'),
    'http_requests_total has no label status'
  ],
  [
    'a bound that is no bucket',
    expr('http_request_duration_seconds_bucket{le="0.35"}'),
    'never has le="0.35"'
  ],
  [
    'a bound that changes with Prometheus 3',
    expr('http_request_duration_seconds_bucket{le="1"}'),
    'is written "1.0" by Prometheus 3'
  ],
  [
    'a route that does not exist',
    expr('http_requests_total{route="/index"}'),
    'never has route="/index"'
  ],
  [
    'a status that is none',
    expr('http_requests_total{status_code=~"9.."}'),
    'never has status_code=~"9.."'
  ],
  [
    'an outcome that does not exist',
    expr('guestbook_store_operation_duration_seconds_count{outcome="failed"}'),
    'never has outcome="failed"'
  ],
  [
    'a job that does not exist',
    expr('up{job=~"guestbook-frontend|guestbook-web"}'),
    'never has job=~'
  ],
  ['a grouping that is in no metric', expr('sum by (region) (up)'), 'has the label region'],
  [
    'an instance for every route',
    expr('sum by (route) (http_requests_total)'),
    'must not be told apart by route'
  ],
  [
    'a window longer than the retention',
    expr('max_over_time(up[8d])'),
    'the window 8d is longer than the retention of 7d'
  ]
])('%s is refused', (_refused, breakIt, message) => {
  const rule = rulesOf(given.files).find(({ uid }) => uid === 'frontend-down')!
  breakIt(rule)
  expect(lint(given)).toEqual(expect.arrayContaining([expect.stringContaining(message)]))
})

test.each<
  [refused: string, breakIt: (given: AlertRules, root: Route) => unknown, message: string]
    >([
      [
        'an uid that is used twice',
        ({ files }) => {
          rulesOf(files)[1]!.uid = rulesOf(files)[0]!.uid
        },
        'is used twice'
      ],
      [
        'a title that is used twice',
        ({ files }) => {
          rulesOf(files)[1]!.title = rulesOf(files)[0]!.title
        },
        'is used twice'
      ],
      [
        'an interval that Grafana does not keep',
        ({ files }) => {
          files['platform_alerts.yml']!.groups![0]!.interval = '15s'
        },
        'is not a multiple of 10 s'
      ],
      [
        'another apiVersion',
        ({ files }) => {
          files['platform_alerts.yml']!.apiVersion = 2 as 1
        },
        'apiVersion must be 1'
      ],
      [
        'a receiver that does not exist',
        (_given, root) => {
          root.routes![1]!.receiver = 'pager'
        },
        'the receiver pager, which does not exist'
      ],
      [
        'a mute timing that does not exist',
        (_given, root) => {
          root.mute_time_intervals = ['holidays']
        },
        'the mute timing holidays'
      ],
      [
        'a root policy that matches',
        (_given, root) => {
          root.object_matchers = [['severity', '=', 'critical']]
        },
        'the root policy can neither match nor mute'
      ],
      [
        'a second policy',
        ({ files }, root) => {
          files['notifications.yml']!.policies!.push(root)
        },
        'there must be one policy'
      ],
      [
        'a watchdog that pages',
        (_given, root) => {
          root.routes!.shift()
        },
        'watchdog: the watchdog and it alone'
      ],
      [
        'a variable that Grafana does not get',
        ({ files }) => {
          files['notifications.yml']!.contactPoints![0]!.receivers[0]!.settings.url = '$PAGER'
        },
        '$PAGER is no variable'
      ],
      [
        'a template that does not exist',
        ({ files }) => {
          files['notifications.yml']!.templates = []
        },
        'the template guestbook.summary does not exist'
      ],
      [
        'a panel on what nobody exports',
        ({ dashboards }) => {
          dashboards[0]!.panels[0]!.targets[0]!.expr = 'gone_total'
        },
        'nobody exports gone_total'
      ],
      [
        'a panel id that is used twice',
        ({ dashboards }) => {
          dashboards[0]!.panels[1]!.id = dashboards[0]!.panels[0]!.id
        },
        'is used twice'
      ]
    ])('%s is refused', (_refused, breakIt, message) => {
      breakIt(given, given.files['notifications.yml']!.policies![0]!)
      expect(lint(given)).toEqual(expect.arrayContaining([expect.stringContaining(message)]))
    })
