import { connect, type AddressInfo, type Socket, type TcpNetConnectOpts } from 'node:net'
import { text } from 'node:stream/consumers'
import {
  createApp, createManagementApp, loadConfig, problemErrors, type App, type ProblemError
} from '../src/index.ts'
import { ServiceSettings } from '../src/config.ts'
import { cleanUp, createTestService } from '../testing/index.ts'

export { cleanUp }

export interface BuildOptions {
  /** Settings that differ from the defaults. */
  env?: Record<string, string>
  /** Routes of the service under test. */
  routes?: (app: App) => void
  /** Maps errors of the service to problems. */
  translate?: (error: unknown) => ProblemError | undefined
}

/** A service that does not listen; closed after the test. */
export async function build ({ env = {}, routes, translate = () => undefined }: BuildOptions = {}) {
  const service = createTestService(
    'test-service',
    loadConfig(ServiceSettings, { LOG_LEVEL: 'debug', MAX_EVENT_LOOP_DELAY_MS: '0', ...env })
  )
  const app = await createApp(service, { traceCallers: 'loopback' })
  await app.register(problemErrors, { translate })
  routes?.(app)
  const management = await createManagementApp(service)
  cleanUp(async () => { await app.close(); await management.close() })
  /** Value of one series on the metrics page; undefined if there is none. */
  const scrape = async (series: string): Promise<number | undefined> => {
    const line = (await management.inject('/metrics')).body
      .split('\n')
      .find(line => line.startsWith(`${series} `))
    return line === undefined ? undefined : Number(line.slice(series.length).trim().split(' ')[0])
  }
  return { app, management, service, scrape }
}

/** A service that listens on a free port, for raw connections. */
export async function listen (options?: BuildOptions) {
  const built = await build(options)
  await built.app.listen({ host: '127.0.0.1', port: 0 })
  const { port } = built.app.server.address() as AddressInfo
  const dial = (options: Partial<TcpNetConnectOpts> = {}): Socket => {
    const socket = connect({ port, host: '127.0.0.1', ...options })
    cleanUp(() => { socket.destroy() })
    return socket.on('error', () => {}) // data received before is the response
  }
  /** Sends these bytes; returns all data until the connection is closed. */
  const say = async (bytes: string | Uint8Array): Promise<string> => {
    const socket = dial()
    socket.write(bytes)
    return await text(socket)
  }
  return { ...built, dial, say }
}
