import { once } from 'node:events'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { loadConfig, type App } from '@guestbook/service-kit'
import { cleanUp, createTestService, temporaryFolder, until } from '@guestbook/service-kit/testing'
import { buildApp as buildBackend } from '../../backend/src/app.ts'
import { ConfigSchema as BackendConfigSchema } from '../../backend/src/config.ts'
import { SqliteStore } from '../../backend/src/store/sqlite-store.ts'
import { buildApp } from '../src/app.ts'
import { ConfigSchema } from '../src/config.ts'
import { Visitor } from './visitor.ts'

export { cleanUp, until }

type Env = Record<string, string>

const TEST_ENV: Env = { LOG_LEVEL: 'debug', MAX_EVENT_LOOP_DELAY_MS: '0' }

/** Nothing listens on this port. */
export const UNREACHABLE_URL = 'http://127.0.0.1:1'
/** The reference of an error page: a trace id. */
export const A_REFERENCE = /^[0-9a-f]{32}$/

/** The frontend in this process, without listening, and a visitor; closed after the test. */
export async function build (env: Env = {}) {
  const config = loadConfig(ConfigSchema, { ...TEST_ENV, BACKEND_URL: UNREACHABLE_URL, ...env })
  const service = createTestService('guestbook-frontend', config)
  const app = await buildApp(config, { service })
  cleanUp(async () => { await app.close() })
  /** Labels and values of a metric, as on the metrics page. */
  const series = async (name: string) =>
    (await service.metrics.registry.metrics())
      .split('\n')
      .filter(line => line.startsWith(name))
      .map(line => line.slice(name.length).trim())
      .sort()
  return { app, service, series, visitor: new Visitor(app) }
}

/** Listens on a free port until the test ends. Returns the URL. */
export async function serve (listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1')
  await once(server, 'listening')
  cleanUp(() => { server.close(); server.closeAllConnections() })
  return urlOf(server)
}

export async function listen (app: App): Promise<string> {
  await app.listen({ host: '127.0.0.1', port: 0 })
  return urlOf(app.server)
}

const urlOf = (server: Server) => `http://127.0.0.1:${(server.address() as AddressInfo).port}`

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
