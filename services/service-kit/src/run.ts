import { setTimeout as sleep } from 'node:timers/promises'
import closeWithGrace from 'close-with-grace'
import type { App } from './app.ts'
import { Listener } from './listener.ts'
import { createManagementApp } from './management.ts'
import type { Service } from './service.ts'
import { TIME_BUDGET } from './time-budget.ts'
import type { Tracing } from './tracing.ts'

export interface RunOptions {
  service: Service
  /** The service's HTTP server. Its onClose hooks close the service's dependencies. */
  app: App
  port: number
  tracing: Tracing
}

/**
 * Listens, and stops gracefully on SIGTERM, SIGINT and SIGHUP. On SIGTERM, the signal of platforms,
 * it becomes unready and waits until load balancers have noticed. It waits before close(), which
 * rejects new connections.
 */
export async function run ({ service, app, port, tracing }: RunOptions): Promise<void> {
  const { config, log, metrics, health } = service
  const http = new Listener(app)
  const management = new Listener(await createManagementApp(service))
  const onTimeout = () => { log.error('shutdown timed out, closing open connections') }

  closeWithGrace(
    { delay: config.SHUTDOWN_DELAY_MS + TIME_BUDGET.closeMs, logger: false, onTimeout },
    async ({ signal, err }) => {
      if (err) {
        metrics.uncaught.inc()
        log.fatal({ err }, 'stopping after an uncaught exception')
      } else log.info({ signal }, 'stopping')
      process.removeAllListeners('disconnect') // a second signal would abort requests in flight
      health.drain()
      if (signal === 'SIGTERM') await sleep(config.SHUTDOWN_DELAY_MS)
      await http.close()
      await management.close()
      await tracing.stop().catch((err: unknown) => {
        log.warn({ err }, 'the last traces were not sent')
      })
      log.info('stopped')
    }
  )

  const { HOST: host, MANAGEMENT_PORT } = config
  await management.listen({
    host,
    port: MANAGEMENT_PORT,
    setting: 'MANAGEMENT_PORT',
    name: 'management server'
  })
  await http.listen({ host, port, setting: 'PORT', name: 'HTTP server' })
  log.info({ ready_in_ms: Math.round(performance.now()) }, 'ready')
}
