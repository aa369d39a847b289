import { readdirSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import { startBoth } from '../services/start-both.ts'
import { FAULTS_TOKEN } from '../../system-tests/lib/service-process.ts'
import { until } from '../../system-tests/lib/until.ts'
import { startPrometheus } from './prometheus.ts'
import {
  ALERT_RULES, alertingFiles, conditionOf, prometheusQueries, readDashboards, rulesOf
} from '../../alert-rules/generator/provisioning.ts'
import { diagnosis, readRunbook } from '../../alert-rules/generator/runbooks.ts'

test('queries of panels and rules return data, and queries of runbooks are valid', async () => {
  const { backend, frontend, newVisitor } = await startBoth({ ofBackend: { FAULTS_TOKEN } })
  const prometheus = await startPrometheus(
    { 'guestbook-frontend': frontend.managementUrl, 'guestbook-backend': backend.managementUrl },
    frontend.url
  )
  const visitor = newVisitor()
  const visit = async () => {
    await visitor.read()
    await visitor.post('Ann', `Hello at ${Date.now()}`)
  }
  await until(
    'all targets to be up',
    async () => (await prometheus.query('min(up) == 1 and count(up) == 6')).length > 0
  )
  await backend.setFault({ storeDown: true })
  await visit() // adds failures and retries
  await backend.setFault({ latencyMs: 1 })

  const panels = readDashboards().flatMap(dashboard => prometheusQueries(dashboard)
    .map(({ title, expr }) => ({ what: `${dashboard.uid}: ${title}`, expr })))
  const rules = rulesOf(alertingFiles())
    .map(rule => ({ what: rule.uid, expr: conditionOf(rule).expr }))
  let pending = [...panels, ...rules]
  expect(pending.length).toBeGreaterThan(60)
  await until(
    `data for ${pending.map(({ what }) => what).join(', ')}`,
    async () => {
      await visit()
      const answers = await Promise.all(
        pending.map(async one => ({ one, data: await prometheus.query(one.expr) }))
      )
      pending = answers.filter(({ data }) => data.length === 0).map(({ one }) => one)
      return pending.length === 0
    },
    25_000
  ).catch(error => {
    throw new Error(
      `No data for ${pending.map(({ what, expr }) => `${what}: ${expr}`).join('\n')}`,
      { cause: error }
    )
  })

  for (const name of readdirSync(`${ALERT_RULES}runbooks`)) {
    for (const query of diagnosis(readRunbook(name), 'promql')) await prometheus.query(query)
  }
}, 60_000)
