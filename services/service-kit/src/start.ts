import { ConfigError, loadConfig, type ConfigOf, type Settings } from './config.ts'
import { ListenError } from './listener.ts'
import { trustTraceCallers } from './trace-context.ts'
import { startTracing, type Tracing } from './tracing.ts'

/** What a service's main module offers. */
export interface Main<Config> {
  main: (config: Config, tracing: Tracing) => Promise<void>
}

export interface StartOptions<Config> {
  /** As in AppOptions. */
  traceCallers?: (config: Config) => string
}

/**
 * The process edge, the only reader of the environment. `load` imports the main module, and with it everything that
 * tracing instruments, only once tracing runs. Whatever goes wrong before the service listens ends it with status 1.
 */
export async function start<S extends Settings> (
  service: string, settings: S, load: () => Promise<Main<ConfigOf<S>>>,
  { traceCallers = () => '' }: StartOptions<ConfigOf<S>> = {}
): Promise<void> {
  // A parent that starts it with an IPC channel (`make start`) does not leave it behind, however the parent ends.
  process.once('disconnect', () => { process.kill(process.pid, 'SIGHUP') })
  try {
    const config = loadConfig(settings, process.env)
    const tracing = await startTracing({
      service,
      continuesTrace: trustTraceCallers(traceCallers(config))
    })
    const { main } = await load()
    await main(config, tracing)
  } catch (error) {
    const isForOperators = error instanceof ConfigError || error instanceof ListenError
    console.error(isForOperators ? error.message : error)
    process.exit(1)
  }
}
