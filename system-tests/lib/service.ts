import { freePort } from './free-port.ts'
import { ROOT } from './paths.ts'
import { ServerProcess } from './server-process.ts'

export type ServiceName = 'frontend' | 'backend'

export interface Service { server: ServerProcess, url: string, managementUrl: string }

export interface ServiceOptions {
  /** Gets the log. */
  folder: string
  env: Record<string, string>
  /** Of the log, where several instances run. */
  name?: string
  /** The checkout that it is of. */
  root?: string
  nodeArguments?: string[]
  /** Free ports unless given. */
  ports?: [port: number, managementPort: number]
  /** The path that answers 2xx once it has started. */
  readyPath?: '/ready' | '/health'
}

/** A service that is not started yet: no limit on posts, and no delay when it stops. */
export async function createService (
  kind: ServiceName,
  options: ServiceOptions
): Promise<Service> {
  const { folder, env, name = kind, root = ROOT } = options
  const { nodeArguments = [], ports, readyPath = '/ready' } = options
  const [port, managementPort] = ports ?? [await freePort(), await freePort()]
  const managementUrl = `http://127.0.0.1:${managementPort}`
  const server = new ServerProcess({
    command: process.execPath,
    args: [...nodeArguments, `${root}services/${kind}/src/server.ts`],
    env: {
      PORT: `${port}`,
      MANAGEMENT_PORT: `${managementPort}`,
      RATE_LIMIT_POSTS: '1000000000',
      SHUTDOWN_DELAY_MS: '0',
      ...env
    },
    log: `${folder}/${name}.log`,
    ready: `${managementUrl}${readyPath}`
  })
  return { server, url: `http://127.0.0.1:${port}`, managementUrl }
}
