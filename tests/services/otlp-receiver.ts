import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'
import { cleanUp } from '@guestbook/service-kit/testing'
import { until } from '../../system-tests/lib/until.ts'

export type Kind = 'internal' | 'server' | 'client'

export interface Span {
  /** The resource attribute service.name. */
  service: string
  traceId: string
  spanId: string
  parentSpanId: string | undefined
  /** Linked spans of other traces. */
  links: Array<{ traceId: string, spanId: string }>
  name: string
  kind: Kind
  attributes: Record<string, unknown>
}

/** The parts of an OTLP/HTTP export in JSON that the tests use. */
interface Attribute { key: string, value: Record<string, unknown> }
interface Export {
  resourceSpans: Array<{
    resource: { attributes: Attribute[] }
    scopeSpans: Array<{
      spans: Array<
        Omit<Span, 'service' | 'kind' | 'attributes' | 'links'> & {
          kind: number
          attributes: Attribute[]
          links?: Span['links']
        }
      >
    }>
  }>
}

const KINDS: Kind[] = ['internal', 'internal', 'server', 'client']

const toRecord = (attributes: Attribute[]) =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]))

/** Receives traces, like Tempo or a collector. A silent receiver never responds. */
export async function startOtlpReceiver ({ silent = false } = {}) {
  const spans: Span[] = []
  const server = createServer((request, response) => {
    void (json(request) as Promise<Export>).then(({ resourceSpans }) => {
      for (const { resource, scopeSpans } of resourceSpans) {
        const service = String(toRecord(resource.attributes)['service.name'])
        for (const span of scopeSpans.flatMap(scope => scope.spans)) {
          const { traceId, spanId, parentSpanId, name, kind, attributes, links = [] } = span
          spans.push({
            service,
            traceId,
            spanId,
            parentSpanId: parentSpanId || undefined,
            links: links.map(({ traceId, spanId }) => ({ traceId, spanId })),
            name,
            kind: KINDS[kind]!,
            attributes: toRecord(attributes)
          })
        }
      }
      if (!silent) response.setHeader('content-type', 'application/json').end('{}')
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  cleanUp(() => {
    server.closeAllConnections()
    server.close()
  })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans,
    /** The spans of a trace, once they are complete. */
    trace: async (traceId: string, complete: (spans: Span[]) => boolean): Promise<Span[]> => {
      const ofTrace = () => spans.filter(span => span.traceId === traceId)
      await until(`the trace ${traceId} is complete; received ${JSON.stringify(ofTrace())}`, () =>
        complete(ofTrace())
      )
      return ofTrace()
    }
  }
}
