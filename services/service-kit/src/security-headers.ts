import type { IncomingMessage, ServerResponse } from 'node:http'
import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import helmet, { type HelmetOptions } from 'helmet'

/**
 * Puts helmet's headers on every answer. They are the same for all, so they are worked out once: helmet itself does it
 * anew for every request, which shows in what a page costs.
 * @throws what helmet says of wrong options
 */
export const securityHeaders = fp<HelmetOptions>(async (app: FastifyInstance, options) => {
  const headers = headersOf(options)
  app.addHook('onRequest', (_request, reply, done) => {
    reply.headers(headers)
    done()
  })
}, { name: 'security-headers' })

function headersOf (options: HelmetOptions): Record<string, string> {
  const headers: Record<string, string> = {}
  const response = {
    setHeader: (name: string, value: string) => {
      headers[name.toLowerCase()] = value
    },
    removeHeader: () => {}
  }
  helmet(options)({} as IncomingMessage, response as unknown as ServerResponse, error => {
    if (error instanceof Error) throw error
  })
  return headers
}
