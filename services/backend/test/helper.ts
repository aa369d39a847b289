import { afterAll, beforeAll } from '@jest/globals'
import { createManagementApp, loadConfig } from '@guestbook/service-kit'
import { cleanUp, createTestService, temporaryFolder, until } from '@guestbook/service-kit/testing'
import { buildApp } from '../src/app.ts'
import { ConfigSchema } from '../src/config.ts'
import type { MessageStore } from '../src/store/message-store.ts'
import { SqliteStore } from '../src/store/sqlite-store.ts'

export { cleanUp, temporaryFolder, until }

export interface BuildOptions {
  /** Settings that differ from the defaults. */
  env?: Record<string, string>
  /** Default: an embedded store in a temporary folder. */
  store?: MessageStore
}

/**
 * The backend in this process, without listening.
 *
 * @param atEnd registers its close; after the test by default
 */
export async function build (
  { env = {}, store }: BuildOptions = {}, atEnd = cleanUp
) {
  const messages = store ?? new SqliteStore(temporaryFolder(atEnd))
  const config = loadConfig(ConfigSchema, {
    LOG_LEVEL: 'debug',
    MAX_EVENT_LOOP_DELAY_MS: '0',
    ...env
  })
  const service = createTestService('guestbook-backend', config)
  const app = await buildApp(config, { service, store: messages })
  const management = await createManagementApp(service)
  atEnd(async () => { await app.close(); await management.close() })
  return { app, management, service, store: messages }
}

/** One backend for all tests of a file or a describe block, for read-only requests. */
export function buildOnce (options?: BuildOptions): () => Awaited<ReturnType<typeof build>> {
  const ends: Array<() => unknown> = []
  let built: Awaited<ReturnType<typeof build>> | undefined
  beforeAll(async () => { built = await build(options, work => { ends.unshift(work) }) })
  afterAll(async () => { for (const end of ends) await end() })
  return () => built!
}
