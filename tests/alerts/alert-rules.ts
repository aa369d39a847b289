/** The input of the linter: alert-rules/ and the metrics of running services. */
import { readdirSync } from 'node:fs'
import { readSlo } from '../../alert-rules/generator/slo.ts'
import { scrape } from '../../system-tests/lib/metrics.ts'
import { request } from 'undici'
import { startBoth } from '../services/start-both.ts'
import { inventoryOf } from './inventory.ts'
import type { AlertRules } from './lint.ts'
import {
  ALERT_RULES, alertingFiles, readDashboards
} from '../../alert-rules/generator/provisioning.ts'

/** The metrics of both services after a read, a post and requests for unknown routes. */
export async function metricsPages (): Promise<string[]> {
  const { backend, frontend, newVisitor } = await startBoth()
  const visitor = newVisitor()
  await visitor.read()
  await visitor.post('Ann', 'Hello')
  for (const { url } of [frontend, backend]) {
    for (let n = 0; n < 30; n++) {
      const { body } = await request(`${url}/nothing-${n}?q=${n}`)
      await body.dump()
    }
  }
  return await Promise.all(
    [frontend, backend].map(async ({ managementUrl }) => await scrape(managementUrl))
  )
}

export const alertRules = (pages: string[], notifications = 'notifications.yml'): AlertRules => ({
  files: alertingFiles(ALERT_RULES, notifications),
  dashboards: readDashboards(),
  runbooks: readdirSync(`${ALERT_RULES}runbooks`),
  retention: readSlo().retention,
  inventory: inventoryOf(pages)
})
