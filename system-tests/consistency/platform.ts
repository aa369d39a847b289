import { existsSync } from 'node:fs'
import type { ServerProcess } from '../lib/server-process.ts'
import { createService, type ServiceName } from '../lib/service.ts'
import type { TestEnvironment } from '../lib/test-environment.ts'
import type { Network } from './network.ts'
import type { ReplicaSet } from './replica-set.ts'

export const MODERATOR_TOKEN = 'moderator-of-the-consistency-test'
const CLOCK_SKEW = new URL('../lib/preload/clock-skew.ts', import.meta.url).href

export interface Instance { name: string, url: string, server: ServerProcess }

export interface PlatformOptions {
  /** The checkout that contains the services. */
  services: string
  network: Network
  replicaSet: ReplicaSet
  database: string
  /** Milliseconds by which the clock of a service is ahead, by the service's name. */
  clockSkewMs?: Record<string, number>
  /** Milliseconds by which `jump` sets the clocks of the frontends ahead. */
  clockJumpMs?: number
  environment: TestEnvironment
}

/** Two backends, b1 and b2, over one replica set, and two frontends, f1 of b1 and f2 of b2. */
export class Platform {
  readonly backends: Instance[] = []
  readonly frontends: Instance[] = []
  readonly #network: Network

  /** Started, and ready. */
  static async start (options: PlatformOptions): Promise<Platform> {
    const { services, network, replicaSet, database, environment } = options
    const { clockSkewMs = {}, clockJumpMs = 0 } = options
    const platform = new Platform(network)
    const uri = replicaSet.uri(database)
    try {
      const start = async (
        kind: ServiceName,
        name: string,
        env: Record<string, string>
      ): Promise<Instance> => {
        const skewMs = clockSkewMs[name] ?? 0
        const { server, url } = await createService(kind, {
          folder: environment.folder,
          name: `${database}-${name}`,
          root: `${services}/`,
          nodeArguments: skewMs || clockJumpMs ? ['--import', CLOCK_SKEW] : [],
          env: {
            MAX_EVENT_LOOP_DELAY_MS: '0',
            CLOCK_SKEW_MS: `${skewMs}`,
            CLOCK_JUMP_MS: `${clockJumpMs}`,
            ...env
          }
        })
        environment.add(server)
        const instance = { name, url, server }
        ;(kind === 'backend' ? platform.backends : platform.frontends).push(instance)
        network.addProcess(name, () => (server.isRunning ? server.pid : undefined))
        await server.start()
        return instance
      }
      for (const name of ['b1', 'b2']) {
        await start('backend', name, { MONGODB_URI: uri, MODERATOR_TOKEN })
      }
      for (const [index, name] of ['f1', 'f2'].entries()) {
        await start('frontend', name, { BACKEND_URL: platform.backends[index]!.url })
      }
      return platform
    } catch (error) {
      await platform.stop()
      throw error
    }
  }

  private constructor (network: Network) {
    this.#network = network
  }

  instance (name: string): Instance {
    const instance = [...this.backends, ...this.frontends].find(
      instance => instance.name === name
    )
    if (!instance) throw new Error(`There is no service ${name}.`)
    return instance
  }

  /** Sets the clocks of the frontends ahead. */
  jump (): void {
    for (const { server } of this.frontends) server.kill('SIGWINCH')
  }

  async stop (): Promise<void> {
    await Promise.all(
      [...this.backends, ...this.frontends].map(async ({ name, server }) => {
        await server.stop('SIGKILL')
        this.#network.removeProcess(name)
      })
    )
  }
}

/** @throws Error when the folder contains no services */
export function checkServices (folder: string): void {
  const missing = ['backend', 'frontend']
    .map(name => `${folder}/services/${name}/src/server.ts`)
    .find(file => !existsSync(file))
  if (missing) {
    throw new Error(
      `--services must name a checkout of the guestbook, but ${missing} does not exist`
    )
  }
}
