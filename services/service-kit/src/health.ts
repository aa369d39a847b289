import type { FastifyInstance } from 'fastify'
import { coalesce } from './coalesce.ts'
import type { Logger } from './logger.ts'

export type Check = () => Promise<unknown>

/** Readiness: every check passes and the process is not draining. */
export class Health {
  readonly #checks = new Map<string, Check>()
  readonly #log: Logger
  readonly #failing = new Set<string>()
  #draining = false

  constructor (log: Logger) {
    this.#log = log
  }

  /**
   * @param check rejects if the dependency is unavailable. Concurrent probes share one call;
   * changes of the result are logged.
   */
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

  /** Makes the process unready; it still serves requests. */
  drain (): void {
    this.#draining = true
  }

  get draining (): boolean {
    return this.#draining
  }

  /** Names of failed checks; empty if ready. */
  async problems (): Promise<string[]> {
    const failed = await Promise.all([...this.#checks].map(async ([name, check]) =>
      await check().then(() => [], () => [name])))
    return [...(this.#draining ? ['draining'] : []), ...failed.flat()]
  }
}

/** `/health`: liveness. `/ready`: readiness. Both also at the other usual paths. */
export async function healthRoutes (
  app: FastifyInstance,
  { health }: { health: Health }
): Promise<void> {
  // Probes are not shed: restarting an overloaded process would overload the others.
  const options = { config: { metrics: false, quiet: true, pressureHandler: () => {} } }
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
