import { afterEach } from '@jest/globals'
import { createManagementApp, loadConfig } from '@guestbook/service-kit'
import { createTestService } from '@guestbook/service-kit/testing'
import { buildApp } from '../src/app.ts'
import { ConfigSchema } from '../src/config.ts'

const cleanups: Array<() => unknown> = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

/** Runs `work` after the current test, the last registered first. */
export function cleanUp (work: () => unknown): void {
  cleanups.push(work)
}

/** The frontend in this process, without listening; closed after the test. */
export async function build (env: Record<string, string> = {}) {
  const config = loadConfig(ConfigSchema, { LOG_LEVEL: 'debug', ...env })
  const service = createTestService('guestbook-frontend', config)
  const app = await buildApp(config, { service })
  const management = await createManagementApp(service)
  cleanUp(async () => { await app.close(); await management.close() })
  return { app, management, service }
}
