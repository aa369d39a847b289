import { trace } from '@opentelemetry/api'
import fp from 'fastify-plugin'
import { whenOver } from './when-over.ts'

/**
 * One line a request, written when it is over. Reads that went well are `debug`: there are thousands a second
 * and the metrics count them; what changed something or went wrong is what somebody will look for.
 */
export const requestLog = fp(async app => {
  app.addHook('onRequest', (request, reply, done) => {
    const span = trace.getActiveSpan()
    const route = request.routeOptions.url
    if (span && route) span.updateName(`${request.method} ${route}`).setAttribute('http.route', route)
    if (request.routeOptions.config.quiet) return done()
    whenOver(reply, statusCode => {
      if (request.isTurnedAway) return
      const isPlainRead = statusCode < 400 && (request.method === 'GET' || request.method === 'HEAD')
      const level = statusCode >= 500 ? 'error' : isPlainRead ? 'debug' : 'info'
      if (level === 'debug' && request.log.level !== 'debug' && request.log.level !== 'trace') return
      request.log[level]({
        method: request.method,
        route: route ?? 'not_found',
        status_code: statusCode,
        duration_ms: Math.round(reply.elapsedTime * 10) / 10
      }, 'request')
    })
    done()
  })
}, { name: 'request-log' })

declare module 'fastify' {
  interface FastifyContextConfig {
    /** `true` keeps the route out of the request log (probes). */
    quiet?: boolean
  }
}
