import { trace } from '@opentelemetry/api'
import type { FastifyReply } from 'fastify'
import fp from 'fastify-plugin'
import { countRequest, currentTrace, type Metrics } from './metrics.ts'
import { logRequest } from './request-log.ts'

/** nginx's status for a client that disconnected before the response was complete. */
const CLIENT_CLOSED_REQUEST = 499

/** Counts and logs every finished request, and names its span after the route. */
export const observeRequests = fp<{ metrics: Metrics }>(async (app, { metrics }) => {
  app.addHook('onRequest', (request, reply, done) => {
    const route = request.routeOptions.url
    if (route) {
      trace
        .getActiveSpan()
        ?.updateName(`${request.method} ${route}`)
        .setAttribute('http.route', route)
    }
    const exemplar = currentTrace()
    onRequestFinished(reply, statusCode => {
      countRequest(metrics, request, reply, statusCode, exemplar)
      logRequest(request, reply, statusCode)
    })
    done()
  })
}, { name: 'observe-requests' })

/**
 * Calls back once, with the status of the response, or 499 if the client disconnected first.
 * Fastify's onResponse does not run in that case.
 */
function onRequestFinished (
  reply: FastifyReply, callback: (statusCode: number) => void
): void {
  let isFinished = false
  reply.raw.once('finish', () => {
    isFinished = true
    callback(reply.statusCode)
  })
  reply.raw.once('close', () => {
    if (!isFinished) callback(CLIENT_CLOSED_REQUEST)
  })
}
