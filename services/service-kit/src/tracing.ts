import type { IncomingMessage } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { propagation, ROOT_CONTEXT, trace, type SpanContext } from '@opentelemetry/api'
import type { ContinuesTrace } from './trace-context.ts'

export interface Tracing {
  /** Flushes the buffered spans; rejects on a timeout. */
  stop: () => Promise<void>
}

const FLUSH_TIMEOUT_MS = 3000

/**
 * Starts tracing over OTLP/HTTP if OTEL_EXPORTER_OTLP_ENDPOINT (or its TRACES form) is set. The SDK
 * reads all OTEL_* variables. Without an endpoint, only OpenTelemetry's API is loaded (no-ops).
 * Requests for which `continuesTrace` is false start a new trace.
 */
export async function startTracing (
  service: string, continuesTrace: ContinuesTrace
): Promise<Tracing> {
  const { env } = process
  const endpoint = env.OTEL_EXPORTER_OTLP_ENDPOINT || env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT
  if (!endpoint || env.OTEL_SDK_DISABLED === 'true') return { stop: async () => {} }

  const [sdk, exporter, resources, instrumentation, http, undici, mongodb] = await Promise.all([
    import('@opentelemetry/sdk-trace-node'),
    import('@opentelemetry/exporter-trace-otlp-http'),
    import('@opentelemetry/resources'),
    import('@opentelemetry/instrumentation'),
    import('@opentelemetry/instrumentation-http'),
    import('@opentelemetry/instrumentation-undici'),
    import('@opentelemetry/instrumentation-mongodb')
  ])
  const provider = new sdk.NodeTracerProvider({
    resource: resources
      .defaultResource()
      .merge(
        resources.resourceFromAttributes({
          'service.name': service,
          'service.namespace': 'guestbook'
        })
      )
      .merge(resources.detectResources({ detectors: [resources.envDetector] })),
    spanProcessors: [new sdk.BatchSpanProcessor(new exporter.OTLPTraceExporter())]
  })
  provider.register()
  const links = new WeakMap<object, SpanContext>()
  instrumentation.registerInstrumentations({
    instrumentations: [
      new http.HttpInstrumentation({
        // Outgoing requests are the exporter's; services call each other with undici.
        disableOutgoingRequestInstrumentation: true,
        ignoreIncomingRequestHook: request =>
          /^\/(health|ready|metrics|faults)\b/.test(request.url ?? ''),
        // Called before the instrumentation reads the headers; requestHook once the span exists.
        startIncomingSpanHook: request => {
          const context = continuesTrace(request) ? undefined : takeTraceContext(request)
          if (context) links.set(request, context)
          return {}
        },
        requestHook: (span, request) => {
          const context = links.get(request)
          if (context) span.addLink({ context })
        }
      }),
      new undici.UndiciInstrumentation({ requireParentforSpans: true }),
      new mongodb.MongoDBInstrumentation()
    ]
  })
  return { stop: async () => await Promise.race([provider.shutdown(), timeout()]) }
}

/** Removes the trace headers and returns the span context that they name. */
function takeTraceContext ({ headers }: IncomingMessage): SpanContext | undefined {
  const names = propagation.fields().filter(name => name in headers)
  if (names.length === 0) return undefined
  const context = trace.getSpanContext(propagation.extract(ROOT_CONTEXT, headers))
  for (const name of names) delete headers[name]
  return context
}

async function timeout (): Promise<never> {
  await sleep(FLUSH_TIMEOUT_MS, undefined, { ref: false })
  throw new Error(`The collector did not accept the last traces within ${FLUSH_TIMEOUT_MS} ms.`)
}
