import { ProblemError, type App } from '@guestbook/service-kit'
import type { FastifyReply, FastifyRequest } from 'fastify'

/**
 * Notes which methods are served where from now on. Call what it returns when all routes are there: every other method
 * at their addresses is then refused with 405 and the list of those that are served (RFC 9110 section 15.5.6).
 */
export function otherMethodsOf (app: App): { refuse: () => void } {
  const served = new Map<string, Set<string>>()
  app.addHook('onRoute', ({ url, method }) => {
    served.set(url, new Set([...served.get(url) ?? [], ...[method].flat()]))
  })

  function refuse (): void {
    for (const [url, methods] of [...served]) {
      const allow = [...methods].sort().join(', ')
      const refuseMethod = async (request: FastifyRequest, reply: FastifyReply) => {
        reply.header('allow', allow)
        throw new ProblemError(405, 'method-not-allowed', `${request.method} is not possible here; ${allow} is.`)
      }
      // Before a body is read, which could be refused for its type.
      app.route({ url, method: app.supportedMethods.filter(method => !methods.has(method)), schema: { hide: true }, onRequest: refuseMethod, handler: refuseMethod })
    }
  }
  return { refuse }
}
