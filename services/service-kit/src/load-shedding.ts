import underPressure from '@fastify/under-pressure'
import type { FastifyRequest, preHandlerHookHandler } from 'fastify'
import fp from 'fastify-plugin'
import { Counter } from 'prom-client'
import type { ServiceConfig } from './config.ts'
import type { Logger } from './logger.ts'
import type { Metrics } from './metrics.ts'
import { ProblemError } from './problem.ts'

/** Time in which whoever is inside is answered, so that there is room again. */
const RETRY_AFTER_S = 1
/** A log line for each request that is turned away would be work of its own, when there is too much already. */
const LOG_EVERY_MS = 1000

/** Reads and posts in flight, delay of the event loop, bytes of bodies in all and of one client. */
const SHED_REASONS = ['reads', 'posts', 'event_loop', 'body_bytes', 'client_body_bytes'] as const
export type ShedReason = typeof SHED_REASONS[number]

/** Turned away because there is too much to do; not a failure of anything. */
export class Overloaded extends ProblemError {
  constructor () {
    super(503, 'overloaded', 'The service is too busy just now. Try again in a moment.', {
      retryAfterSeconds: RETRY_AFTER_S
    })
  }
}
/** One for all: making an error costs more than most answers. */
const OVERLOADED = new Overloaded()

/** What may be inside at once. A request is inside from when it is complete until its answer is ready. */
interface Places { readonly reason: ShedReason, readonly all: number, taken: number }

export interface LoadSheddingOptions {
  config: Pick<
    ServiceConfig,
    'MAX_READS_IN_FLIGHT' | 'MAX_POSTS_IN_FLIGHT' | 'MAX_EVENT_LOOP_DELAY_MS'
  >
  log: Logger
  metrics: Metrics
}

/**
 * Turns requests away with 503 and Retry-After when more are inside than are answered in good time, or when the event
 * loop is late. Slow clients take no place: neither while they send (the body is read before) nor while they read (the
 * answer is ready then), and idle connections take none at all. Nor does what is refused for another reason. Probes are
 * always let in.
 */
export const loadShedding = fp<LoadSheddingOptions>(async (app, { config, log, metrics }) => {
  const reads: Places = { reason: 'reads', all: config.MAX_READS_IN_FLIGHT, taken: 0 }
  const posts: Places = { reason: 'posts', all: config.MAX_POSTS_IN_FLIGHT, taken: 0 }
  const shedTotal = new Counter({
    name: 'guestbook_requests_shed_total',
    help: `Requests shed with 503 (client_body_bytes: 429), by what there was too much of: ${SHED_REASONS.join(', ')}.`,
    labelNames: ['reason'],
    registers: metrics.registers
  })
  for (const reason of SHED_REASONS) shedTotal.inc({ reason }, 0)
  let loggedAt = -Infinity
  let sinceLogged = 0

  function shed (request: FastifyRequest, reason: ShedReason): Overloaded {
    request.isTurnedAway = true
    shedTotal.inc({ reason })
    sinceLogged++
    if (performance.now() - loggedAt > LOG_EVERY_MS) {
      log.warn({ reason, requests: sinceLogged }, 'too busy, turning requests away')
      loggedAt = performance.now()
      sinceLogged = 0
    }
    return OVERLOADED
  }

  app.decorate('shed', shed)
  app.decorateRequest('isTurnedAway', false)
  app.decorateRequest('place', null)
  await app.register(underPressure, {
    maxEventLoopDelay: config.MAX_EVENT_LOOP_DELAY_MS,
    pressureHandler: async request => {
      throw shed(request, 'event_loop')
    }
  })

  app.addHook('onRoute', route => {
    if (route.config?.metrics === false) return // probes and the like
    const places = route.method === 'POST' ? posts : reads
    const enter: preHandlerHookHandler = (request, _reply, done) => {
      if (places.taken >= places.all) {
        done(shed(request, places.reason))
        return
      }
      places.taken++
      request.place = places
      done()
    }
    route.preHandler = [...[route.preHandler ?? []].flat(), enter]
  })
  app.addHook('onSend', (request, _reply, _payload, done) => {
    if (request.place) {
      request.place.taken--
      request.place = null
    }
    done()
  })
}, { name: 'load-shedding' })

declare module 'fastify' {
  interface FastifyInstance {
    /** Counts a request that is refused for lack of capacity; the error is its answer. */
    shed: (request: FastifyRequest, reason: ShedReason) => Overloaded
  }
  interface FastifyRequest {
    /** Whether it was refused for lack of capacity; told by a metric and a line a second, not by lines of its own. */
    isTurnedAway: boolean
    place: Places | null
  }
}
