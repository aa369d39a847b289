import { ConfigError, loadConfig, type ConfigOf, type Settings } from './config.ts'
import { ListenError } from './listener.ts'
import { trustTraceCallers } from './trace-context.ts'
import { startTracing, type Tracing } from './tracing.ts'

/** A service's main module. */
interface Main<Config> { main: (config: Config, tracing: Tracing) => Promise<void> }

/**
 * Starts a service. It is the only reader of the environment. `load` imports the main module after
 * tracing has started, since tracing instruments modules as they load. Errors before the service
 * listens end the process with status 1.
 * @param traceCallers see AppOptions
 */
export async function start<S extends Settings> (
  service: string, settings: S, load: () => Promise<Main<ConfigOf<S>>>,
  traceCallers: (config: ConfigOf<S>) => string = () => ''
): Promise<void> {
  // With an IPC channel (`make start`), the service stops when its parent ends.
  process.once('disconnect', () => { process.kill(process.pid, 'SIGHUP') })
  try {
    const config = loadConfig(settings, process.env)
    const tracing = await startTracing(service, trustTraceCallers(traceCallers(config)))
    const { main } = await load()
    await main(config, tracing)
  } catch (error) {
    const isForOperators = error instanceof ConfigError || error instanceof ListenError
    console.error(isForOperators ? error.message : error)
    process.exit(1)
  }
}
