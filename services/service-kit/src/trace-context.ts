import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { trace } from '@opentelemetry/api'
import { compileProxyList } from './trust-proxy.ts'

/** W3C trace context, version 00: https://www.w3.org/TR/trace-context/#traceparent-header */
const TRACEPARENT = /^00-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/

export const newTraceId = () => randomUUID().replaceAll('-', '')

/** Whether a request continues the trace of whoever sent it. */
export type ContinuesTrace = (request: IncomingMessage) => boolean

/** Headers of proxies. One that passes on a client's request passes on the client's `traceparent` too. */
const PROXY_HEADERS = ['forwarded', 'via', 'x-forwarded-host', 'x-forwarded-proto']

/**
 * Trusts the trace headers of requests that a caller makes itself.
 * @param callers Their addresses, in the form of TRUST_PROXY. Empty trusts nobody: that is for a public edge.
 */
export function trustTraceCallers (callers: string): ContinuesTrace {
  const isCaller = compileProxyList(callers)
  return ({ headers, socket }) =>
    isCaller(socket.remoteAddress ?? '', 0) && !PROXY_HEADERS.some(name => name in headers)
}

/**
 * The id under which a request is found in logs and traces, and that error pages show as reference.
 * It is the caller's only where the request continues the caller's trace.
 */
export function traceIdOf (request: IncomingMessage, continuesTrace: ContinuesTrace): string {
  const active = trace.getActiveSpan()?.spanContext().traceId
  if (active) return active
  const sent = request.headers.traceparent
  const id = typeof sent === 'string' ? TRACEPARENT.exec(sent)?.[1] : undefined
  return id && continuesTrace(request) ? id : newTraceId()
}

export function spanId (): string {
  return trace.getActiveSpan()?.spanContext().spanId ?? newTraceId().slice(0, 16)
}

/**
 * Headers that carry the trace to another service. With tracing on, its instrumentation adds them by itself.
 * Without, they say "sampled": the caller has no say in what a service records that has tracing on.
 */
export function traceHeaders (traceId: string): { traceparent?: string } {
  return trace.getActiveSpan() ? {} : { traceparent: `00-${traceId}-${spanId()}-01` }
}
