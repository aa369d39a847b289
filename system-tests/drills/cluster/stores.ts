/** Queries Prometheus, Loki and Tempo through the data sources of the deployed Grafana. */
import type { Forward } from '../../lib/kubectl.ts'
import { monitoring, secretValue } from './namespaces.ts'

interface Target { datasource: { type: string }, expr?: string, query?: string }
export interface Exemplar { labels: { trace_id?: string }, timestamp: number }
export interface Line { labels: Record<string, string>, line: string }
interface Attribute { key: string, value: { stringValue?: string } }
interface Span { name: string, attributes?: Attribute[] }
interface Batch { resource: { attributes: Attribute[] }, scopeSpans?: Array<{ spans: Span[] }> }

interface Result { data: { result: unknown[] } }
interface Traces { traces?: unknown[] }

const HOUR = 3600
const textOf = (attributes: Attribute[], key: string) =>
  attributes.find(attribute => attribute.key === key)?.value.stringValue
/** Replaces Grafana's variables, with "All" chosen. */
const interpolate = (query: string): string =>
  query.replaceAll('$__interval', '1m').replaceAll('$service', '.*').replaceAll('$trace_id', '')

export class Stores {
  readonly #grafana: Forward
  readonly #authorization: string

  private constructor (grafana: Forward, password: string) {
    this.#grafana = grafana
    this.#authorization = `Basic ${Buffer.from(`admin:${password}`).toString('base64')}`
  }

  static async open (): Promise<Stores> {
    return new Stores(
      await monitoring.forward('service/grafana', 80),
      await secretValue(monitoring, 'grafana-admin', 'admin-password')
    )
  }

  close (): void { this.#grafana.close() }

  /** `uid`: of the data source. @throws Error with the store's answer when it rejects the query */
  async query<T>(uid: string, path: string, params: Record<string, string> = {}): Promise<T> {
    const proxy = `${this.#grafana.url}/api/datasources/proxy/uid/${uid}`
    const answer = await fetch(`${proxy}${path}?${new URLSearchParams(params).toString()}`, {
      headers: { authorization: this.#authorization, accept: 'application/json' },
      signal: AbortSignal.timeout(30_000)
    })
    if (!answer.ok) {
      const query = params.query ?? params.q ?? path
      throw new Error(`${uid} answered ${answer.status} to ${query}: ${await answer.text()}`)
    }
    return (await answer.json()) as T
  }

  #lastHour (): { start: string; end: string } {
    const now = Math.ceil(Date.now() / 1000)
    return { start: `${now - HOUR}`, end: `${now}` }
  }

  /** How many series, streams or traces answer the query of a panel. */
  async count ({ datasource: { type }, expr, query }: Target): Promise<number> {
    if (type === 'loki') {
      const params = { query: interpolate(expr!), step: '60', limit: '100', ...this.#lastHour() }
      const { data } = await this.query<Result>('loki', '/loki/api/v1/query_range', params)
      return data.result.length
    }
    if (type === 'tempo' && query !== undefined) {
      const params = { q: query, limit: '20', ...this.#lastHour() }
      const { traces = [] } = await this.query<Traces>('tempo', '/api/search', params)
      return traces.length
    }
    // The service graph of Grafana consists of these series.
    const series = { query: expr ?? 'traces_service_graph_request_total' }
    return (await this.query<Result>('prometheus', '/api/v1/query', series)).data.result.length
  }

  /** The newest first. */
  async exemplars (query: string): Promise<Exemplar[]> {
    const { data } = await this.query<{ data: Array<{ exemplars: Exemplar[] }> }>(
      'prometheus',
      '/api/v1/query_exemplars',
      { query, ...this.#lastHour() }
    )
    return data
      .flatMap(({ exemplars }) => exemplars)
      .sort((one, other) => other.timestamp - one.timestamp)
  }

  /** Spans with their service and database; none when the trace is unknown. */
  async spans (traceId: string) {
    const { batches } = await this.query<{ batches: Batch[] }>('tempo', `/api/traces/${traceId}`)
      .catch(() => ({ batches: [] }))
    return batches.flatMap(({ resource, scopeSpans = [] }) =>
      scopeSpans
        .flatMap(({ spans }) => spans)
        .map(({ name, attributes = [] }) => ({
          service: textOf(resource.attributes, 'service.name') ?? '',
          name,
          database: textOf(attributes, 'db.system') ?? textOf(attributes, 'db.system.name')
        }))
    )
  }

  async lines (query: string): Promise<Line[]> {
    const { data } = await this.query<{
      data: { result: Array<{ stream: Record<string, string>; values: Array<[string, string]> }> }
    }>('loki', '/loki/api/v1/query_range', { query, limit: '100', ...this.#lastHour() })
    return data.result.flatMap(({ stream, values }) =>
      values.map(([, line]) => ({ labels: stream, line }))
    )
  }
}
