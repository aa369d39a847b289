import type { IncomingMessage } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { propagation, ROOT_CONTEXT, trace, type SpanContext } from '@opentelemetry/api'
import type { ContinuesTrace } from './trace-context.ts'

/**
 * OpenTelemetry over OTLP/HTTP. Loaded before anything it instruments, and only when an endpoint is set:
 * without one no OpenTelemetry package but the API (no-ops) is ever read.
 */
export interface Tracing {
  /** Sends what is buffered; rejects when the collector does not take it in time. */
  stop: () => Promise<void>
}

/** Longest the end of the process waits for the collector. */
const FLUSH_TIMEOUT_MS = 3000

export interface TracingOptions {
  /** Value of the spans' `service.name`. */
  service: string
  /** Requests that continue their caller's trace; every other one begins a trace of its own. */
  continuesTrace: ContinuesTrace
}

/**
 * Starts tracing when OTEL_EXPORTER_OTLP_ENDPOINT (or its TRACES form) is set.
 * Every OTEL_* variable is the SDK's own.
 */
export async function startTracing (
  { service, continuesTrace }: TracingOptions, env: NodeJS.ProcessEnv = process.env
): Promise<Tracing> {
  const wanted = env.OTEL_EXPORTER_OTLP_ENDPOINT || env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT
  if (!wanted || env.OTEL_SDK_DISABLED === 'true') return { stop: async () => {} }

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
        disableOutgoingRequestInstrumentation: true, // the exporter's own calls; services call each other by undici
        ignoreIncomingRequestHook: request =>
          /^\/(health|ready|metrics|faults)\b/.test(request.url ?? ''),
        // The instrumentation calls this one before it reads the headers, and the other once there is a span.
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

/** Removes all that propagates a trace from the headers, and returns the span that they name. */
function takeTraceContext ({ headers }: IncomingMessage): SpanContext | undefined {
  const names = propagation.fields().filter(name => name in headers)
  if (names.length === 0) return undefined
  const context = trace.getSpanContext(propagation.extract(ROOT_CONTEXT, headers))
  for (const name of names) delete headers[name]
  return context
}

async function timeout (): Promise<never> {
  await sleep(FLUSH_TIMEOUT_MS, undefined, { ref: false })
  throw new Error(`The collector did not take the last traces within ${FLUSH_TIMEOUT_MS} ms.`)
}
