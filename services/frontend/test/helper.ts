import type { AddressInfo } from 'node:net'
import { createManagementApp, loadConfig, type App } from '@guestbook/service-kit'
import { createTestService } from '@guestbook/service-kit/testing'
import { build as buildBackend, cleanUp, type BuildOptions } from '../../backend/test/helper.ts'
import { buildApp } from '../src/app.ts'
import { ConfigSchema } from '../src/config.ts'

export { cleanUp, until } from '../../backend/test/helper.ts'

/** Nothing listens on this port. */
export const UNREACHABLE_URL = 'http://127.0.0.1:1'

/** The frontend in this process, without listening; closed after the test. */
export async function build (env: Record<string, string> = {}) {
  const config = loadConfig(ConfigSchema, {
    LOG_LEVEL: 'debug',
    MAX_EVENT_LOOP_DELAY_MS: '0',
    BACKEND_URL: UNREACHABLE_URL,
    ...env
  })
  const service = createTestService('guestbook-frontend', config)
  const app = await buildApp(config, { service })
  const management = await createManagementApp(service)
  cleanUp(async () => { await app.close(); await management.close() })
  const page = async () => (await management.inject('/metrics')).body
  /** Lines of the metrics page that start with `prefix`. */
  const series = async (prefix: string) =>
    (await page())
      .split('\n')
      .filter(line => line.startsWith(prefix))
      .sort()
  return { app, management, service, series }
}

export async function listen (app: App): Promise<string> {
  await app.listen({ host: '127.0.0.1', port: 0 })
  return `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`
}

/** The real backend, listening on a free port; closed after the test. */
export async function startBackend (options?: BuildOptions) {
  const backend = await buildBackend(options)
  const url = await listen(backend.app)
  /** All stored messages, newest first. */
  const stored = async () =>
    (await backend.store.list({ limit: 10_000 })).map(({ name, message }) => ({ name, message }))
  return { ...backend, url, stored }
}

/** A frontend with a real backend and the embedded store. */
export async function buildBoth ({
  frontend = {},
  backend = {}
}: { frontend?: Record<string, string>; backend?: Record<string, string> } = {}) {
  const behind = await startBackend({ env: { TRUST_PROXY: 'loopback', ...backend } })
  return { ...(await build({ BACKEND_URL: behind.url, ...frontend })), backend: behind }
}
