import { randomUUID } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import { trace } from '@opentelemetry/api'

/** W3C trace context, version 00: https://www.w3.org/TR/trace-context/#traceparent-header */
const TRACEPARENT = /^00-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/

export const newTraceId = () => randomUUID().replaceAll('-', '')

/** The id under which a request is found in logs and traces, and that error pages show as reference. */
export function traceIdOf (headers: IncomingHttpHeaders): string {
  const active = trace.getActiveSpan()?.spanContext().traceId
  if (active) return active
  const sent = headers.traceparent
  return (typeof sent === 'string' && TRACEPARENT.exec(sent)?.[1]) || newTraceId()
}

export function spanId (): string {
  return trace.getActiveSpan()?.spanContext().spanId ?? newTraceId().slice(0, 16)
}

/** Headers that carry the trace to another service. With tracing on, its instrumentation adds them by itself. */
export function traceHeaders (traceId: string): { traceparent?: string } {
  return trace.getActiveSpan() ? {} : { traceparent: `00-${traceId}-${spanId()}-00` }
}
