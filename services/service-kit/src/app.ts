import rateLimit from '@fastify/rate-limit'
import type { JsonSchemaToTsProvider } from '@fastify/type-provider-json-schema-to-ts'
import { fastify, LogController } from 'fastify'
import {
  boundedConnections, connectionOptions, MAX_HEADER_BYTES, type DescribeClientError
} from './connections.ts'
import { faultInjection } from './faults.ts'
import { healthRoutes } from './health.ts'
import { loadShedding } from './load-shedding.ts'
import { methodNotAllowed } from './method-not-allowed.ts'
import { observeRequests } from './observe-requests.ts'
import { describeProblem } from './problem.ts'
import { clientKey } from './client-address.ts'
import { boundedBodies } from './request-bodies.ts'
import { requestHeaders } from './request-headers.ts'
import { withRequestLoggers } from './request-logger.ts'
import type { Service } from './service.ts'
import { traceIdOf, trustTraceCallers } from './trace-context.ts'
import { trustProxy } from './trust-proxy.ts'
import { schemaController, type StringKeyword } from './validation.ts'

/** Several times the longest message in escaped form: one that is too long gets a reason. */
const BODY_LIMIT_BYTES = 64 * 1024

export type App = Awaited<ReturnType<typeof createApp>>

export interface AppOptions {
  /** Body of the response to a malformed HTTP request. Default: a problem document. */
  describeClientError?: DescribeClientError
  /** Addresses whose trace headers are trusted, in the format of TRUST_PROXY. Default: none. */
  traceCallers?: string
  /** Additional keywords of the service's schemas. */
  keywords?: StringKeyword[]
}

/** The HTTP server of a service, without its routes. */
export async function createApp (
  service: Service,
  { describeClientError = describeProblem, traceCallers = '', keywords }: AppOptions = {}
) {
  const { config, log, metrics, health, faults } = service
  const continuesTrace = trustTraceCallers(traceCallers)
  const app = fastify({
    loggerInstance: withRequestLoggers(log),
    bodyLimit: BODY_LIMIT_BYTES,
    trustProxy: trustProxy(config),
    ...connectionOptions(log, describeClientError),
    // Fastify responds to these two without hooks. Routed, they reach the error handlers.
    rewriteUrl: ({ url = '/' }) => (isDecodable(url) ? url : '/malformed-address'),
    routerOptions: { maxParamLength: MAX_HEADER_BYTES },
    return503OnClosing: false, // open connections are served until they close
    requestIdHeader: false,
    genReqId: request => traceIdOf(request, continuesTrace),
    // logRequest writes one line per request instead
    logController: new LogController({
      requestIdLogLabel: 'trace_id',
      disableRequestLogging: true
    }),
    schemaController: schemaController(keywords)
  }).withTypeProvider<JsonSchemaToTsProvider>()

  await app.register(boundedConnections, { config })
  await app.register(methodNotAllowed)
  await app.register(observeRequests, { metrics })
  await app.register(requestHeaders)
  app.addHook('onSend', (_request, reply, _payload, done) => {
    // Keep-alive clients must move to another instance while this one drains.
    if (health.draining) reply.header('connection', 'close')
    done()
  })
  await app.register(rateLimit, {
    global: false,
    max: config.RATE_LIMIT_POSTS,
    timeWindow: '1 minute',
    keyGenerator: clientKey
  })
  await app.register(faultInjection, { faults })
  // After the rate limit: requests over it must not use slots.
  await app.register(loadShedding, { config, log, metrics })
  await app.register(boundedBodies, { config })
  await app.register(healthRoutes, { health })
  return app
}

function isDecodable (url: string): boolean {
  const [path = ''] = url.split('?', 1)
  if (!path.includes('%')) return true
  try {
    decodeURIComponent(path)
    return true
  } catch {
    return false
  }
}
