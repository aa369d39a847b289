import underPressure from '@fastify/under-pressure'
import type { FastifyRequest, preHandlerHookHandler } from 'fastify'
import fp from 'fastify-plugin'
import { Counter } from 'prom-client'
import { ProblemError } from './problem.ts'
import type { Service } from './service.ts'

const RETRY_AFTER_S = 1
/** One log line per interval, with a count: a line per shed request would add to the overload. */
const LOG_INTERVAL_MS = 1000

/** Requests in flight (reads, posts), event-loop delay, buffered body bytes (all, one client). */
const SHED_REASONS = ['reads', 'posts', 'event_loop', 'body_bytes', 'client_body_bytes'] as const
export type ShedReason = typeof SHED_REASONS[number]

/** The request was shed: the service is at capacity, nothing failed. */
export class Overloaded extends ProblemError {
  constructor () {
    super(503, 'overloaded', 'The service is overloaded. Try again in a moment.', {
      retryAfterSeconds: RETRY_AFTER_S
    })
  }
}
/** Shared by all shed requests: creating an error costs more than most responses. */
const OVERLOADED = new Overloaded()

/** Slots for requests in flight: from the complete request until its response is ready. */
interface Slots { readonly reason: ShedReason, readonly limit: number, inUse: number }

type LoadSheddingOptions = Pick<Service, 'config' | 'log' | 'metrics'>

/**
 * Sheds requests with 503 and Retry-After when all slots are in use or the event loop is late.
 * Slow clients and idle connections hold no slot: the body is read before a request acquires one,
 * and the response is ready when it releases it. Requests rejected for other reasons acquire none.
 * Probes are never shed.
 */
export const loadShedding = fp<LoadSheddingOptions>(async (app, { config, log, metrics }) => {
  const reads: Slots = { reason: 'reads', limit: config.MAX_READS_IN_FLIGHT, inUse: 0 }
  const posts: Slots = { reason: 'posts', limit: config.MAX_POSTS_IN_FLIGHT, inUse: 0 }
  const shedTotal = new Counter({
    name: 'guestbook_requests_shed_total',
    help: 'Requests shed with 503 (client_body_bytes: 429), by the limit that was reached: ' +
      `${SHED_REASONS.join(', ')}.`,
    labelNames: ['reason'],
    registers: metrics.registers
  })
  for (const reason of SHED_REASONS) shedTotal.inc({ reason }, 0)
  let loggedAt = -Infinity
  let sinceLogged = 0

  function shed (request: FastifyRequest, reason: ShedReason): Overloaded {
    request.isShed = true
    shedTotal.inc({ reason })
    sinceLogged++
    if (performance.now() - loggedAt > LOG_INTERVAL_MS) {
      log.warn({ reason, requests: sinceLogged }, 'overloaded, shedding requests')
      loggedAt = performance.now()
      sinceLogged = 0
    }
    return OVERLOADED
  }

  app.decorate('shed', shed)
  app.decorateRequest('isShed', false)
  app.decorateRequest('slots', null)
  await app.register(underPressure, {
    maxEventLoopDelay: config.MAX_EVENT_LOOP_DELAY_MS,
    pressureHandler: async request => { throw shed(request, 'event_loop') }
  })

  app.addHook('onRoute', route => {
    if (route.config?.metrics === false) return // probes
    const slots = route.method === 'POST' ? posts : reads
    const acquire: preHandlerHookHandler = (request, _reply, done) => {
      if (slots.inUse >= slots.limit) {
        done(shed(request, slots.reason))
        return
      }
      slots.inUse++
      request.slots = slots
      done()
    }
    route.preHandler = [...[route.preHandler ?? []].flat(), acquire]
  })
  app.addHook('onSend', (request, _reply, _payload, done) => {
    if (request.slots) {
      request.slots.inUse--
      request.slots = null
    }
    done()
  })
}, { name: 'load-shedding' })

declare module 'fastify' {
  interface FastifyInstance {
    /** Counts a request as shed; returns the error to respond with. */
    shed: (request: FastifyRequest, reason: ShedReason) => Overloaded
  }
  interface FastifyRequest {
    /** Shed requests appear in a metric and one log line a second, not in the request log. */
    isShed: boolean
    slots: Slots | null
  }
}
