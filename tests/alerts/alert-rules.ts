/** The input of the linter: alert-rules/ and the metrics of running services. */
import { readdirSync } from 'node:fs'
import { readSlo } from '../../alert-rules/generator/slo.ts'
import { startService } from '../../system-tests/lib/service-process.ts'
import { temporaryFolder } from '@guestbook/service-kit/testing'
import { scrape } from '../../system-tests/lib/metrics.ts'
import { Visitor } from '../../system-tests/lib/visitor.ts'
import { Agent, request } from 'undici'
import { inventoryOf } from './inventory.ts'
import type { AlertRules } from './lint.ts'
import {
  ALERT_RULES,
  alertingFiles,
  readDashboards
} from '../../alert-rules/generator/provisioning.ts'

/** The metrics of both services after a read, a post and requests for unknown routes. */
export async function metricsPages (): Promise<string[]> {
  const backend = await startService('backend', { env: { DATA_DIR: temporaryFolder() } })
  const frontend = await startService('frontend', { env: { BACKEND_URL: backend.url } })
  const visitor = new Visitor(frontend.url, new Agent())
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
