import rateLimit from '@fastify/rate-limit'
import type { JsonSchemaToTsProvider } from '@fastify/type-provider-json-schema-to-ts'
import { fastify, LogController } from 'fastify'
import {
  boundedConnections,
  connectionOptions,
  MAX_HEADER_BYTES,
  type DescribeClientError
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

/** Several times the longest message with every character escaped, so that one a bit too long is refused with a reason, not cut off. */
const BODY_LIMIT_BYTES = 64 * 1024

export type App = Awaited<ReturnType<typeof createApp>>

export interface AppOptions {
  /** What is answered to something that is no request; a problem unless told otherwise. */
  describeClientError?: DescribeClientError
  /** Callers whose traces go on here, in the form of TRUST_PROXY; nobody's unless told otherwise. */
  traceCallers?: string
  /** Additional keywords of the service's schemas. */
  keywords?: StringKeyword[]
}

/** A Fastify instance with all that the public side of every service has; routes are the service's own. */
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
    // Fastify answers these two in a raw form of its own, without hooks; this way they get the service's error answers.
    rewriteUrl: ({ url = '/' }) => (isDecodable(url) ? url : '/malformed-address'),
    routerOptions: { maxParamLength: MAX_HEADER_BYTES },
    return503OnClosing: false, // what comes over a connection that is still open gets its answer, not a bare refusal
    requestIdHeader: false,
    genReqId: request => traceIdOf(request, continuesTrace),
    logController: new LogController({
      requestIdLogLabel: 'trace_id',
      disableRequestLogging: true
    }), // logRequest writes one line instead
    schemaController: schemaController(keywords)
  }).withTypeProvider<JsonSchemaToTsProvider>()

  await app.register(boundedConnections, { config })
  await app.register(methodNotAllowed)
  await app.register(observeRequests, { metrics })
  await app.register(requestHeaders)
  app.addHook('onSend', (_request, reply, _payload, done) => {
    // Keep-alive clients must find another instance while this one drains.
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
  await app.register(loadShedding, { config, log, metrics }) // behind the rate limit: who sends too much takes nobody's place
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
