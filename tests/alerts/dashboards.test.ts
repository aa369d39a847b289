/** Compares the dashboards with the table in expected-dashboards/. */
import { readdirSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import { expectedDashboard, readDashboard, shortDashboard } from './expected-dashboards.ts'
import { onOneLine } from './one-line.ts'
import { ALERT_RULES } from '../../alert-rules/generator/provisioning.ts'

const NAMES = ['endpoints', 'logs', 'mongodb', 'overview', 'slo', 'traces']
const PROMETHEUS = { type: 'prometheus', uid: 'prometheus' }

test('these dashboards exist', () => {
  expect(readdirSync(`${ALERT_RULES}dashboards`).sort()).toEqual(
    NAMES.map(name => `${name}.json`)
  )
})

test.each(NAMES)('%s has the expected panels', name => {
  expect(onOneLine(shortDashboard(readDashboard(name)))).toEqual(
    onOneLine(expectedDashboard(name))
  )
})

test.each(NAMES)(
  '%s is read-only, shows the last hour, and marks deployments and faults',
  name => {
    const { title, description, panels, templating, ...shared } = readDashboard(name)
    expect(shared).toEqual({
      uid: `guestbook-${name}`,
      tags: ['guestbook'],
      schemaVersion: 39,
      editable: false,
      timezone: 'browser',
      refresh: '30s',
      time: { from: 'now-1h', to: 'now' },
      links: [
        {
          type: 'dashboards',
          title: 'Guestbook',
          tags: ['guestbook'],
          asDropdown: true,
          includeVars: true,
          keepTime: true
        }
      ],
      annotations: {
        list: [
          {
            name: 'Deployed',
            enable: true,
            iconColor: 'blue',
            datasource: PROMETHEUS,
            expr:
              'min by (service, version) (process_uptime_seconds{job=~"guestbook-.*"} ' +
              '* on (job, instance) group_left (service, version) guestbook_build_info) < 60',
            step: '15s',
            titleFormat: '{{service}} {{version}} started'
          },
          {
            name: 'Injected fault',
            enable: true,
            iconColor: 'red',
            datasource: PROMETHEUS,
            expr: 'max by (job, fault) (guestbook_fault_active) > 0',
            step: '15s',
            titleFormat: '{{fault}} injected into {{job}}'
          }
        ]
      }
    })
  }
)
