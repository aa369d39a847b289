import type { FastifyBaseLogger } from 'fastify'
import { spanId } from './trace-context.ts'

const LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const

/** The logger of one request. Most requests log nothing, so what it costs is paid by those that do. */
class RequestLogger {
  readonly #parent: FastifyBaseLogger
  readonly #bindings: object
  #logger: FastifyBaseLogger | undefined

  constructor (parent: FastifyBaseLogger, bindings: object) {
    this.#parent = parent
    this.#bindings = bindings
  }

  static {
    for (const level of LEVELS) {
      Object.defineProperty(this.prototype, level, { value (this: RequestLogger, ...entry: [object, string]) { this.#made[level](...entry) } })
    }
  }

  get level (): string { return this.#parent.level }
  child (...options: Parameters<FastifyBaseLogger['child']>): FastifyBaseLogger { return this.#made.child(...options) }

  get #made (): FastifyBaseLogger {
    this.#logger ??= this.#parent.child({ ...this.#bindings, span_id: spanId() })
    return this.#logger
  }
}

/** For Fastify's childLoggerFactory: a logger whose lines carry `bindings` and the span's id. */
export function requestLogger (parent: FastifyBaseLogger, bindings: object): FastifyBaseLogger {
  return new RequestLogger(parent, bindings) as unknown as FastifyBaseLogger
}
