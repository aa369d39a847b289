import { trace, TraceFlags } from '@opentelemetry/api'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Counter, Gauge, Histogram, Registry, type PrometheusContentType } from 'prom-client'
import type { ServiceConfig } from './config.ts'

/** Seconds. Includes the thresholds of the SLOs (0.3 s), so that they are counted exactly. */
export const LATENCY_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 1, 2.5, 5, 10]

export type Metrics = ReturnType<typeof createMetrics>

/** The metrics of every service. The registry is OpenMetrics, which exemplars need. */
export function createMetrics (
  service: string,
  config: Pick<ServiceConfig, 'VERSION' | 'REVISION'>
) {
  const registry = new Registry()
  // The types of fastify-metrics accept only a registry of the text format.
  registry.setContentType(Registry.OPENMETRICS_CONTENT_TYPE as unknown as PrometheusContentType)
  const registers = [registry]

  const buildInfo = new Gauge({
    name: 'guestbook_build_info',
    help: 'Always 1; the labels describe the running version.',
    labelNames: ['service', 'version', 'revision', 'node_version'],
    registers
  })
  buildInfo.set(
    { service, version: config.VERSION, revision: config.REVISION, node_version: process.version },
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
    help: 'Finished requests, by method, route pattern and status.',
    labelNames: ['method', 'route', 'status_code'],
    registers
  })
  const duration = new Histogram({
    name: 'http_request_duration_seconds',
    help: 'Seconds from the first byte of a request to the last byte of its response, ' +
      'by method, route pattern and status.',
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

/** Counts and times a finished request, unless its route has `config: { metrics: false }`. */
export function countRequest (
  metrics: Metrics,
  request: FastifyRequest,
  reply: FastifyReply,
  statusCode: number,
  exemplar: Exemplar
): void {
  if (request.routeOptions.config.metrics === false) return
  // The route pattern, never the path: clients must not be able to create series.
  const labels = {
    method: request.method,
    route: request.routeOptions.url ?? 'not_found',
    status_code: statusCode
  }
  metrics.requests.inc(labels)
  metrics.duration.observe({ labels, value: reply.elapsedTime / 1000, ...exemplar })
}

export interface Exemplar { exemplarLabels?: object }

/** The exemplar of the current trace, if it is recorded. */
export function currentTrace (): Exemplar {
  const span = trace.getActiveSpan()?.spanContext()
  if (!span || !(span.traceFlags & TraceFlags.SAMPLED)) return {}
  // The type allows labels of the metric only; an exemplar has its own.
  return { exemplarLabels: { trace_id: span.traceId, span_id: span.spanId } as object }
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** `false` excludes the route from the request metrics (probes, the metrics page). */
    metrics?: boolean
  }
}
