import { trace, TraceFlags } from '@opentelemetry/api'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Counter, Gauge, Histogram, Registry, type PrometheusContentType } from 'prom-client'
import type { ServiceConfig } from './config.ts'

/** Seconds. Holds the thresholds of the objectives (0.3 s for a request), so that they are counted exactly. */
export const LATENCY_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 1, 2.5, 5, 10]

export type Metrics = ReturnType<typeof createMetrics>

/** The one registry of a process, in OpenMetrics form (exemplars need it), with what every service reports. */
export function createMetrics (
  service: string,
  config: Pick<ServiceConfig, 'VERSION' | 'REVISION'>
) {
  const registry = new Registry()
  // fastify-metrics only accepts the type of a text registry; what is served is decided here.
  registry.setContentType(Registry.OPENMETRICS_CONTENT_TYPE as unknown as PrometheusContentType)
  const registers = [registry]

  const buildInfo = new Gauge({
    name: 'guestbook_build_info',
    help: 'Always 1; what is running stands in the labels.',
    labelNames: ['service', 'version', 'revision', 'node_version'],
    registers
  })
  buildInfo.set(
    {
      service,
      version: config.VERSION,
      revision: config.REVISION,
      node_version: process.version
    },
    1
  )
  registry.registerMetric(
    new Gauge({
      name: 'process_uptime_seconds',
      help: 'Seconds since the process started.',
      registers: [],
      collect () {
        this.set(process.uptime())
      }
    })
  )

  const requests = new Counter({
    name: 'http_requests_total',
    help: 'Requests answered, by method, route pattern and status.',
    labelNames: ['method', 'route', 'status_code'],
    registers
  })
  const duration = new Histogram({
    name: 'http_request_duration_seconds',
    help: 'Seconds from the first byte of a request to the last byte of its answer, by method, route pattern and status.',
    labelNames: ['method', 'route', 'status_code'],
    buckets: LATENCY_BUCKETS,
    enableExemplars: true,
    registers
  })
  const uncaught = new Counter({
    name: 'process_uncaught_exceptions_total',
    help: 'Uncaught exceptions; each one stops the process.',
    registers
  })

  return { registry, registers, requests, duration, uncaught }
}

/** Counts and times a request whose answer is out. Routes with `config: { metrics: false }` are left out. */
export function countRequest (
  metrics: Metrics,
  request: FastifyRequest,
  reply: FastifyReply,
  statusCode: number,
  exemplar: Exemplar
): void {
  if (request.routeOptions.config.metrics === false) return
  // A pattern, never the path: an attacker must not be able to create series.
  const labels = {
    method: request.method,
    route: request.routeOptions.url ?? 'not_found',
    status_code: statusCode
  }
  metrics.requests.inc(labels)
  metrics.duration.observe({ labels, value: reply.elapsedTime / 1000, ...exemplar })
}

export interface Exemplar { exemplarLabels?: object }

/** Points from a bucket to a trace that was really recorded; without one there is no exemplar. */
export function currentTrace (): Exemplar {
  const span = trace.getActiveSpan()?.spanContext()
  if (!span || !(span.traceFlags & TraceFlags.SAMPLED)) return {}
  // The type allows only labels of the metric itself; an exemplar has labels of its own.
  return { exemplarLabels: { trace_id: span.traceId, span_id: span.spanId } as object }
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** `false` leaves the route out of the request metrics (probes, the metrics page itself). */
    metrics?: boolean
  }
}
