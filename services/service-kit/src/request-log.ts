import type { FastifyReply, FastifyRequest } from 'fastify'

/**
 * Logs one line per finished request. Successful reads are `debug`: there are thousands a second,
 * and the metrics count them.
 */
export function logRequest (
  request: FastifyRequest,
  reply: FastifyReply,
  statusCode: number
): void {
  const { routeOptions: { url, config }, log, method } = request
  if (config.quiet || request.isShed) return
  const isPlainRead = statusCode < 400 && (method === 'GET' || method === 'HEAD')
  const level = statusCode >= 500 ? 'error' : isPlainRead ? 'debug' : 'info'
  if (level === 'debug' && log.level !== 'debug' && log.level !== 'trace') return
  log[level](
    {
      method,
      route: url ?? 'not_found',
      status_code: statusCode,
      duration_ms: Math.round(reply.elapsedTime * 10) / 10
    },
    'request'
  )
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** `true` excludes the route from the request log (probes). */
    quiet?: boolean
  }
}
