import { METHODS } from 'node:http'
import type { FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { ProblemError } from './problem.ts'

/** Responds 405 with Allow to unsupported methods of a route (RFC 9110 section 15.5.6). */
export const methodNotAllowed = fp(async app => {
  // Node emits CONNECT as an event of its own, never as a request.
  const others = METHODS.filter(
    method => method !== 'CONNECT' && !app.supportedMethods.includes(method)
  )
  for (const method of others) app.addHttpMethod(method)

  const methodsByUrl = new Map<string, Set<string>>()
  app.addHook('onRoute', ({ url, method }) => {
    methodsByUrl.set(url, new Set([...methodsByUrl.get(url) ?? [], ...[method].flat()]))
  })
  app.decorate('rejectOtherMethods', () => {
    for (const [url, methods] of [...methodsByUrl]) {
      const allow = [...methods].sort().join(', ')
      const reject = async (request: FastifyRequest, reply: FastifyReply) => {
        reply.header('allow', allow)
        const detail = `${request.method} is not supported here; use ${allow}.`
        throw new ProblemError(405, 'method-not-allowed', detail)
      }
      app.route({
        url,
        method: app.supportedMethods.filter(method => !methods.has(method)),
        schema: { hide: true } as object, // for @fastify/swagger
        onRequest: reject, // before the body is read, which could be rejected for its type
        handler: reject
      })
    }
  })
}, { name: 'method-not-allowed' })

declare module 'fastify' {
  interface FastifyInstance {
    /** Call it after all routes are registered. */
    rejectOtherMethods: () => void
  }
}
