import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buildApp as buildBackend } from '@guestbook/backend/src/app.ts'
import { ConfigSchema as BackendSettings } from '@guestbook/backend/src/config.ts'
import { SqliteStore } from '@guestbook/backend/src/store/sqlite-store.ts'
import { buildApp as buildFrontend } from '@guestbook/frontend/src/app.ts'
import { ConfigSchema as FrontendSettings } from '@guestbook/frontend/src/config.ts'
import { loadConfig, type App } from '@guestbook/service-kit'
import { cleanUp, createTestService, temporaryFolder } from '@guestbook/service-kit/testing'

const MESSAGES = '/api/v1/messages'

export type Guestbook = Awaited<ReturnType<typeof openGuestbook>>

export interface Draft { name: string, message: string }

/**
 * Both services in this process, listening, with an embedded store; closed after the test.
 * @param settings of the frontend
 */
export async function openGuestbook (settings: Record<string, string> = {}) {
  const folder = temporaryFolder()

  const startBackend = async (port = 0) => {
    // All visitors share the frontend's address.
    const config = loadConfig(BackendSettings, {
      RATE_LIMIT_POSTS: '10000',
      MAX_EVENT_LOOP_DELAY_MS: '0'
    })
    const service = createTestService('guestbook-backend', config)
    const app = await buildBackend(config, { service, store: new SqliteStore(folder) })
    return { app, service, port: await listen(app, port) }
  }
  let backend = await startBackend()
  cleanUp(async () => { await backend.app.close() })

  const config = loadConfig(FrontendSettings, {
    BACKEND_URL: `http://127.0.0.1:${backend.port}`,
    MAX_EVENT_LOOP_DELAY_MS: '0',
    ...settings
  })
  const service = createTestService('guestbook-frontend', config)
  const app = await buildFrontend(config, { service })
  cleanUp(async () => { await app.close() })
  const port = await listen(app)

  return {
    port,
    url: `http://127.0.0.1:${port}/`,
    frontend: service,
    /** Log lines of both services. */
    lines: () => [...service.lines, ...backend.service.lines],

    /** Resolves when the frontend receives the next request. */
    async nextRequest (): Promise<void> { await once(app.server, 'request') },

    /** Posts messages to the backend, in this order. */
    async fill (...messages: Draft[]): Promise<void> {
      for (const payload of messages) {
        const { statusCode } = await backend.app.inject({ method: 'POST', url: MESSAGES, payload })
        if (statusCode === 201) continue
        throw new Error(`The backend responded ${statusCode} to ${JSON.stringify(payload)}`)
      }
    },

    /** The stored messages, newest first. */
    async stored (): Promise<Draft[]> {
      const response = await backend.app.inject(`${MESSAGES}?limit=100`)
      const { messages } = response.json<{ messages: Draft[] }>()
      return messages.map(({ name, message }) => ({ name, message }))
    },

    async stopBackend (): Promise<void> { await backend.app.close() },
    async restartBackend (): Promise<void> { backend = await startBackend(backend.port) }
  }
}

/** Serves a page of another site. */
export async function openOtherSite (html: string): Promise<{ port: number }> {
  const server = createServer((_request, response) => {
    response.setHeader('content-type', 'text/html; charset=utf-8').end(html)
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  cleanUp(async () => {
    server.closeAllConnections()
    await new Promise(resolve => server.close(resolve))
  })
  return { port: (server.address() as AddressInfo).port }
}

async function listen (app: App, port = 0): Promise<number> {
  await app.listen({ host: '127.0.0.1', port })
  return (app.server.address() as AddressInfo).port
}
