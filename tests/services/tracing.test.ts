import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { MongoMemoryReplSet } from 'mongodb-memory-server-core'
import { Agent } from 'undici'
import { startMongo } from '../../services/backend/test/mongo.ts'
import { Visitor } from '../load/visitor.ts'
import { startOtlpReceiver, type Span } from './otlp-receiver.ts'
import { FAULTS_TOKEN, startService, type ServiceProcess } from './process.ts'
import { referenceIn } from './page.ts'
import { statusOf, textOf } from './requests.ts'

let mongo: MongoMemoryReplSet
beforeAll(async () => { mongo = await startMongo() })
afterAll(async () => { await mongo.stop() })

/** Both services over MongoDB, their traces sent to a receiver of the test. */
async function startTraced (env: Record<string, string> = {}) {
  const receiver = await startOtlpReceiver()
  const common = { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, OTEL_BSP_SCHEDULE_DELAY: '50', LOG_LEVEL: 'debug', SHUTDOWN_DELAY_MS: '10', FAULTS_TOKEN, ...env }
  const backend = await startService('backend', { env: { ...common, MONGODB_URI: mongo.getUri('guestbook') } })
  const frontend = await startService('frontend', { env: { ...common, BACKEND_URL: backend.url } })
  return { receiver, backend, frontend, visitor: new Visitor(frontend.url, new Agent()) }
}

/** The id under which a service logged its answer. */
async function loggedTraceId (service: ServiceProcess, method: string): Promise<string> {
  const line = await service.logged(line => line.msg === 'request' && line.method === method)
  return String(line.trace_id)
}

/** From the database up to the visitor: each span is the parent of the one before. */
function pathTo (name: string, spans: Span[]): Span[] {
  const path: Span[] = []
  for (let span = spans.find(span => span.name === name); span; span = spans.find(({ spanId }) => spanId === path.at(-1)!.parentSpanId)) path.push(span)
  return path
}

test.each([
  { method: 'GET', operation: 'find' },
  { method: 'POST', operation: 'insert' }
])('one $method of the page is one trace from the visitor to the $operation in MongoDB, named alike in both logs', async ({ method, operation }) => {
  const { receiver, backend, frontend, visitor } = await startTraced()
  const answer = method === 'GET' ? await visitor.read() : await visitor.post('Ann', 'Hello')
  expect(answer.status).toBe(method === 'GET' ? 200 : 303)
  const traceId = await loggedTraceId(frontend, method)
  expect(await loggedTraceId(backend, method)).toBe(traceId)

  const spans = await receiver.trace(traceId, spans => spans.length === 4)
  expect(pathTo(`${operation} messages`, spans)).toEqual([
    expect.objectContaining({ service: 'guestbook-backend', kind: 'client' }),
    expect.objectContaining({ service: 'guestbook-backend', kind: 'server', name: `${method} /api/v1/messages`, attributes: expect.objectContaining({ 'http.route': '/api/v1/messages' }) }),
    expect.objectContaining({ service: 'guestbook-frontend', kind: 'client' }),
    expect.objectContaining({ service: 'guestbook-frontend', kind: 'server', name: `${method} /`, parentSpanId: undefined, attributes: expect.objectContaining({ 'http.route': '/' }) })
  ])
  expect(receiver.spans).toHaveLength(4)
})

test('the reference on an error page is the id of its trace, and both services log it', async () => {
  const { receiver, backend, frontend, visitor } = await startTraced()
  await backend.setFault({ storeDown: true })
  const answer = await visitor.post('Ann', 'Hello')
  expect(answer.status).toBe(503)
  const reference = referenceIn(answer.text)
  for (const service of [frontend, backend]) {
    expect(await service.logged(line => line.msg === 'request' && line.trace_id === reference)).toMatchObject({ level: 'error', status_code: 503 })
  }
  const spans = await receiver.trace(reference, spans => spans.some(({ name }) => name === 'POST /'))
  expect(spans.map(({ service }) => service)).toContain('guestbook-backend')
})

test('a trace that begins before the frontend goes on through both services', async () => {
  const { receiver, frontend, visitor } = await startTraced()
  const [traceId, spanId] = ['4bf92f3577b34da6a3ce929d0e0e4736', '00f067aa0ba902b7']
  await visitor.read({ traceparent: `00-${traceId}-${spanId}-01` })
  expect(await loggedTraceId(frontend, 'GET')).toBe(traceId)
  const spans = await receiver.trace(traceId, spans => spans.length === 4)
  expect(pathTo('find messages', spans).at(-1)).toMatchObject({ service: 'guestbook-frontend', parentSpanId: spanId })
})

test('on SIGTERM the spans that were not sent yet are sent, and there are none of probes, metrics and the fault switch', async () => {
  const { receiver, backend, frontend, visitor } = await startTraced({ OTEL_BSP_SCHEDULE_DELAY: '3600000' })
  for (const service of [frontend, backend]) {
    for (const path of ['health', 'ready', 'health/live', 'health/ready']) {
      for (const listener of [service.url, service.managementUrl]) expect(await statusOf(`${listener}/${path}`)).toBe(200)
    }
    expect(await statusOf(`${service.managementUrl}/metrics`)).toBe(200)
    await service.setFault({ latencyMs: 1 })
  }
  await visitor.read()
  expect(receiver.spans).toEqual([])

  expect(await frontend.stop()).toBe(0)
  expect(await backend.stop()).toBe(0)
  expect(receiver.spans.map(({ name }) => name).sort()).toEqual(['GET', 'GET /', 'GET /api/v1/messages', 'find messages'])
})

test('an exemplar in the metrics of either service leads to a trace that was sent', async () => {
  const { receiver, backend, frontend, visitor } = await startTraced()
  await visitor.read()
  for (const service of [frontend, backend]) {
    const metrics = await textOf(`${service.managementUrl}/metrics`)
    const [, traceId, spanId] = /^http_request_duration_seconds_bucket.+# \{trace_id="(\w+)",span_id="(\w+)"\}/m.exec(metrics) ?? []
    const spans = await receiver.trace(traceId!, spans => spans.length === 4)
    expect(spans.find(span => span.spanId === spanId)).toMatchObject({ service: `guestbook-${service.name}`, kind: 'server' })
  }
})

test.each([
  ['never answers', async () => (await startOtlpReceiver({ silent: true })).url],
  ['is not there', async () => 'http://127.0.0.1:9']
])('a collector that %s holds up neither visitors nor the stop', async (_how, collector) => {
  const { frontend, visitor } = await startTraced({ OTEL_EXPORTER_OTLP_ENDPOINT: await collector() })
  expect(await visitor.read()).toMatchObject({ status: 200 })
  const signalled = performance.now()
  expect(await frontend.stop()).toBe(0)
  expect(performance.now() - signalled).toBeLessThan(6000)
  expect(frontend.lines.slice(-2)).toMatchObject([{ level: 'warn', msg: 'the last traces were not sent' }, { msg: 'stopped' }])
})
