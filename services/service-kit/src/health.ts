import type { FastifyInstance } from 'fastify'
import { coalesce } from './coalesce.ts'
import type { Logger } from './logger.ts'

export type Check = () => Promise<unknown>

/** Whether the process should get traffic: no check fails and it is not on its way out. */
export class Health {
  readonly #checks = new Map<string, Check>()
  readonly #log: Logger
  readonly #failing = new Set<string>()
  #draining = false

  constructor (log: Logger) {
    this.#log = log
  }

  /** `check` rejects when the dependency cannot be used. Probes that come together share one call; what they find is logged when it changes. */
  addCheck (name: string, check: Check): void {
    this.#checks.set(name, coalesce(async () => {
      try {
        await check()
      } catch (error) {
        if (!this.#failing.has(name)) {
          this.#log.warn({ err: error, check: name }, `not ready: ${name}`)
        }
        this.#failing.add(name)
        throw error
      }
      if (this.#failing.delete(name)) this.#log.info({ check: name }, `ready again: ${name}`)
    }))
  }

  /** From now on unready; what is still coming in is served. */
  drain (): void {
    this.#draining = true
  }

  get draining (): boolean {
    return this.#draining
  }

  /** Names of what keeps the service from taking traffic; none means ready. */
  async problems (): Promise<string[]> {
    const failed = await Promise.all([...this.#checks].map(async ([name, check]) =>
      await check().then(() => [], () => [name])))
    return [...(this.#draining ? ['draining'] : []), ...failed.flat()]
  }
}

/** `/health`: the process is alive, whatever its dependencies do. `/ready`: it can serve. Both also under the names some probes expect. */
export async function healthRoutes (
  app: FastifyInstance,
  { health }: { health: Health }
): Promise<void> {
  const isNeverShed = () => {} // restarting a process because it is busy would leave the others busier
  const options = { config: { metrics: false, quiet: true, pressureHandler: isNeverShed } }
  for (const path of ['/health', '/health/live']) {
    app.get(path, options, async () => ({ status: 'ok' }))
  }
  for (const path of ['/ready', '/health/ready']) {
    app.get(path, options, async (_request, reply) => {
      const problems = await health.problems()
      if (problems.length === 0) return { status: 'ready' }
      return await reply.code(503).send({ status: 'unready', problems })
    })
  }
}
