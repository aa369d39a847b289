/** Compares the dashboards with the table in expected-dashboards/. */
import { readdirSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import { expectedDashboard, readDashboard, shortDashboard } from './expected-dashboards.ts'
import { onOneLine } from './one-line.ts'
import { ALERT_RULES } from '../../alert-rules/generator/provisioning.ts'

const NAMES = ['endpoints', 'logs', 'mongodb', 'overview', 'slo', 'traces']

test('these dashboards exist', () => {
  const files = NAMES.map(name => `${name}.json`)
  expect(readdirSync(`${ALERT_RULES}dashboards`).sort()).toEqual(files)
})

test.each(NAMES)('%s has the expected panels', name => {
  const dashboard = shortDashboard(readDashboard(name))
  expect(onOneLine(dashboard)).toEqual(onOneLine(expectedDashboard(name)))
})

test.each(NAMES)(
  '%s is read-only, shows the last hour, and marks deployments and faults',
  name => {
    const { uid, title, description, panels, templating, ...shared } = readDashboard(name)
    expect(uid).toBe(`guestbook-${name}`)
    expect(shared).toEqual(expectedDashboard('every-dashboard'))
  }
)
