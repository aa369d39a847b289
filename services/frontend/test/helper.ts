import type { AddressInfo } from 'node:net'
import { createManagementApp, loadConfig, type App } from '@guestbook/service-kit'
import { cleanUp, createTestService, temporaryFolder, until } from '@guestbook/service-kit/testing'
import { buildApp as buildBackend } from '../../backend/src/app.ts'
import { ConfigSchema as BackendConfigSchema } from '../../backend/src/config.ts'
import { SqliteStore } from '../../backend/src/store/sqlite-store.ts'
import { buildApp } from '../src/app.ts'
import { ConfigSchema } from '../src/config.ts'

export { cleanUp, until }

type Env = Record<string, string>

const TEST_ENV: Env = { LOG_LEVEL: 'debug', MAX_EVENT_LOOP_DELAY_MS: '0' }

/** Nothing listens on this port. */
export const UNREACHABLE_URL = 'http://127.0.0.1:1'

/** The frontend in this process, without listening; closed after the test. */
export async function build (env: Env = {}) {
  const config = loadConfig(ConfigSchema, { ...TEST_ENV, BACKEND_URL: UNREACHABLE_URL, ...env })
  const service = createTestService('guestbook-frontend', config)
  const app = await buildApp(config, { service })
  const management = await createManagementApp(service)
  cleanUp(async () => { await app.close(); await management.close() })
  /** Lines of the metrics page that start with `prefix`. */
  const series = async (prefix: string) =>
    (await management.inject('/metrics')).body
      .split('\n')
      .filter(line => line.startsWith(prefix))
      .sort()
  return { app, management, service, series }
}

export async function listen (app: App): Promise<string> {
  await app.listen({ host: '127.0.0.1', port: 0 })
  return `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`
}

/** The real backend with an embedded store, listening on a free port; closed after the test. */
export async function startBackend (env: Env = {}) {
  const config = loadConfig(BackendConfigSchema, { ...TEST_ENV, ...env })
  const service = createTestService('guestbook-backend', config)
  const store = new SqliteStore(temporaryFolder())
  const app = await buildBackend(config, { service, store })
  cleanUp(async () => { await app.close() })
  /** All stored messages, newest first. */
  const stored = async () =>
    (await store.list({ limit: 10_000 })).map(({ name, message }) => ({ name, message }))
  return { app, service, store, url: await listen(app), stored }
}

/** A frontend with a real backend. */
export async function buildBoth (
  { frontend, backend: backendEnv }: { frontend?: Env, backend?: Env } = {}
) {
  const backend = await startBackend({ TRUST_PROXY: 'loopback', ...backendEnv })
  return { ...(await build({ BACKEND_URL: backend.url, ...frontend })), backend }
}
