import { setTimeout as sleep } from 'node:timers/promises'
import { createManagementApp, loadConfig } from '@guestbook/service-kit'
import { cleanUp, createTestService, temporaryFolder } from '@guestbook/service-kit/testing'
import { buildApp } from '../src/app.ts'
import { ConfigSchema } from '../src/config.ts'
import type { MessageStore } from '../src/store/message-store.ts'
import { SqliteStore } from '../src/store/sqlite-store.ts'

export { cleanUp, temporaryFolder }

/** Looks again until the condition holds; fails with its name when that takes too long. */
export async function until (condition: string, holds: () => boolean | Promise<boolean>, withinMs = 20_000): Promise<void> {
  const deadline = performance.now() + withinMs
  while (!await holds()) {
    if (performance.now() > deadline) throw new Error(`Not within ${withinMs} ms: ${condition}.`)
    await sleep(10)
  }
}

export interface BuildOptions {
  /** Settings beside the defaults. */
  env?: Record<string, string>
  /** Default: an embedded store in a folder of its own. */
  store?: MessageStore
}

/** The backend in this process, without listening; closed after the test. */
export async function build ({ env = {}, store = new SqliteStore(temporaryFolder()) }: BuildOptions = {}) {
  const config = loadConfig(ConfigSchema, { LOG_LEVEL: 'debug', MAX_EVENT_LOOP_DELAY_MS: '0', ...env })
  const service = createTestService('guestbook-backend', config)
  const app = await buildApp(config, { service, store })
  const management = await createManagementApp(service)
  cleanUp(async () => { await app.close(); await management.close() })
  return { app, management, service, store }
}
