import { trace } from '@opentelemetry/api'
import fp from 'fastify-plugin'
import { countRequest, currentTrace, type Metrics } from './metrics.ts'
import { logRequest } from './request-log.ts'
import { onRequestFinished } from './request-finished.ts'

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
