import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { trace } from '@opentelemetry/api'
import { compileProxyList } from './trust-proxy.ts'

/** W3C trace context, version 00: https://www.w3.org/TR/trace-context/#traceparent-header */
const TRACEPARENT = /^00-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/

export const newTraceId = () => randomUUID().replaceAll('-', '')

/** Whether a request continues its caller's trace. */
export type ContinuesTrace = (request: IncomingMessage) => boolean

/** Headers of proxies, which forward a client's `traceparent` with its request. */
const PROXY_HEADERS = ['forwarded', 'via', 'x-forwarded-host', 'x-forwarded-proto']

/**
 * Trusts the trace headers of requests that come from these addresses and are not forwarded.
 * @param callers in the format of TRUST_PROXY; empty for a service that visitors call
 */
export function trustTraceCallers (callers: string): ContinuesTrace {
  const isCaller = compileProxyList(callers)
  return ({ headers, socket }) =>
    isCaller(socket.remoteAddress ?? '', 0) && !PROXY_HEADERS.some(name => name in headers)
}

/**
 * The id of a request in logs, traces and error pages. It is the caller's only if the request
 * continues the caller's trace.
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
 * Headers that propagate the trace to another service. With tracing enabled, the instrumentation
 * adds them. Otherwise they are "sampled", so that the other service decides what it records.
 */
export function traceHeaders (traceId: string): { traceparent?: string } {
  return trace.getActiveSpan() ? {} : { traceparent: `00-${traceId}-${spanId()}-01` }
}
