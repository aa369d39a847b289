import { setTimeout as sleep } from 'node:timers/promises'

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

/** Starts tracing when OTEL_EXPORTER_OTLP_ENDPOINT (or its TRACES form) is set; every OTEL_* variable is the SDK's own. */
export async function startTracing (service: string, env: NodeJS.ProcessEnv = process.env): Promise<Tracing> {
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
    resource: resources.defaultResource()
      .merge(resources.resourceFromAttributes({ 'service.name': service, 'service.namespace': 'guestbook' }))
      .merge(resources.detectResources({ detectors: [resources.envDetector] })),
    spanProcessors: [new sdk.BatchSpanProcessor(new exporter.OTLPTraceExporter())]
  })
  provider.register()
  instrumentation.registerInstrumentations({
    instrumentations: [
      new http.HttpInstrumentation({
        disableOutgoingRequestInstrumentation: true, // the exporter's own calls; services call each other by undici
        ignoreIncomingRequestHook: request => /^\/(health|ready|metrics|faults)\b/.test(request.url ?? '')
      }),
      new undici.UndiciInstrumentation({ requireParentforSpans: true }),
      new mongodb.MongoDBInstrumentation()
    ]
  })
  return { stop: async () => await Promise.race([provider.shutdown(), timeout()]) }
}

async function timeout (): Promise<never> {
  await sleep(FLUSH_TIMEOUT_MS, undefined, { ref: false })
  throw new Error(`The collector did not take the last traces within ${FLUSH_TIMEOUT_MS} ms.`)
}
