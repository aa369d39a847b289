import type { Server } from 'node:http'
import type { Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import closeWithGrace from 'close-with-grace'
import type { App } from './app.ts'
import { createManagementApp } from './management.ts'
import type { Service } from './service.ts'
import { TIME_BUDGET } from './time-budget.ts'
import type { Tracing } from './tracing.ts'

/** Time for the first byte over a connection that is open when closing begins. */
const UNUSED_CONNECTION_MS = 250

export interface RunOptions {
  service: Service
  /** The public side, not yet listening. Its onClose hooks close what it uses. */
  app: App
  port: number
  tracing: Tracing
}

/**
 * Listens, and stops well: on SIGTERM unready first, then a wait in which load balancers turn away, then close.
 * No connection is taken from the moment close() is called, so the wait must come before it.
 */
export async function run ({ service, app, port, tracing }: RunOptions): Promise<void> {
  const { config, log, metrics, health } = service
  const management = await createManagementApp(service)
  const closeApp = closer(app)
  const closeManagement = closer(management)
  const onTimeout = () => { log.error('stopping took too long, what was in flight is cut off') }

  closeWithGrace({ delay: config.SHUTDOWN_DELAY_MS + TIME_BUDGET.closeMs, logger: false, onTimeout }, async ({ signal, err }) => {
    if (err) {
      metrics.uncaught.inc()
      log.fatal({ err }, 'stopping after an exception nobody caught')
    } else log.info({ signal }, 'stopping')
    health.drain()
    if (signal === 'SIGTERM') await sleep(config.SHUTDOWN_DELAY_MS)
    await closeApp()
    await closeManagement()
    await tracing.stop().catch((err: unknown) => { log.warn({ err }, 'the last traces were not sent') })
    log.info('stopped')
  })

  const { HOST: host, MANAGEMENT_PORT: managementPort } = config
  await management.listen({ host, port: managementPort, listenTextResolver: address => `management listens at ${address}` })
  await app.listen({ host, port, listenTextResolver: address => `public side listens at ${address}` })
  log.info({ ready_in_ms: Math.round(performance.now()) }, 'ready')
}

/**
 * Closes once every request is answered. Browsers open connections ahead, and Node waits for those as for a request:
 * one over which nothing has come even now is ended.
 */
function closer (app: { server: Server, close: () => PromiseLike<unknown> }): () => Promise<void> {
  const open = new Set<Socket>()
  app.server.on('connection', socket => {
    open.add(socket)
    socket.once('close', () => { open.delete(socket) })
  })
  return async () => {
    const unused = setTimeout(() => {
      for (const socket of open) if (socket.bytesRead === 0) socket.destroy()
    }, UNUSED_CONNECTION_MS)
    await app.close()
    clearTimeout(unused)
  }
}
