import { METHODS } from 'node:http'
import type { FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { ProblemError } from './problem.ts'

/** Answers 405 with Allow where only other methods are served (RFC 9110 section 15.5.6). */
export const methodNotAllowed = fp(async app => {
  // Node hands over CONNECT in another way, never as a request.
  const others = METHODS.filter(
    method => method !== 'CONNECT' && !app.supportedMethods.includes(method)
  )
  for (const method of others) app.addHttpMethod(method)

  const served = new Map<string, Set<string>>()
  app.addHook('onRoute', ({ url, method }) => {
    served.set(url, new Set([...served.get(url) ?? [], ...[method].flat()]))
  })
  app.decorate('rejectOtherMethods', () => {
    for (const [url, methods] of [...served]) {
      const allow = [...methods].sort().join(', ')
      const reject = async (request: FastifyRequest, reply: FastifyReply) => {
        reply.header('allow', allow)
        const detail = `${request.method} is not possible here; ${allow} is.`
        throw new ProblemError(405, 'method-not-allowed', detail)
      }
      app.route({
        url,
        method: app.supportedMethods.filter(method => !methods.has(method)),
        schema: { hide: true } as object, // for @fastify/swagger
        onRequest: reject, // before a body is read, which could be refused for its type
        handler: reject
      })
    }
  })
}, { name: 'method-not-allowed' })

declare module 'fastify' {
  interface FastifyInstance {
    /** To be called when all routes are there. */
    rejectOtherMethods: () => void
  }
}
