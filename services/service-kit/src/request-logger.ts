import type { FastifyBaseLogger } from 'fastify'
import type { Logger } from './logger.ts'
import { spanId } from './trace-context.ts'

const LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const

/** The logger of one request. Most requests log nothing above their level, so what it costs is paid by those that do. */
class RequestLogger {
  readonly #parent: Logger
  readonly #bindings: object
  #logger: FastifyBaseLogger | undefined

  constructor (parent: Logger, bindings: object) {
    this.#parent = parent
    this.#bindings = bindings
  }

  static {
    for (const level of LEVELS) {
      Object.defineProperty(this.prototype, level, {
        value (this: RequestLogger, ...entry: [object, string]) {
          if (this.#parent.isLevelEnabled(level)) this.#made[level](...entry)
        }
      })
    }
  }

  get level (): string {
    return this.#parent.level
  }

  child (...options: Parameters<FastifyBaseLogger['child']>): FastifyBaseLogger {
    return this.#made.child(...options)
  }

  get #made (): FastifyBaseLogger {
    this.#logger ??= this.#parent.child({ ...this.#bindings, span_id: spanId() })
    return this.#logger
  }
}

/**
 * For Fastify's loggerInstance, which makes a child for every request: that child's lines carry the span's id. The one
 * that Fastify makes for itself before, which has no trace's id, stays as it is. (Through childLoggerFactory Fastify would
 * look over every child anew.)
 */
export function withRequestLoggers (log: Logger): Logger {
  return Object.create(log, {
    child: {
      value (this: Logger, bindings: object) {
        return 'trace_id' in bindings ? new RequestLogger(log, bindings) : this
      }
    }
  }) as Logger
}
