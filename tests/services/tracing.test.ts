import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, test } from '@jest/globals'
import { Agent, request } from 'undici'
import { cleanUp } from '@guestbook/service-kit/testing'
import { scrape } from '../../system-tests/lib/metrics.ts'
import { referenceIn } from '../../system-tests/lib/page.ts'
import {
  FAULTS_TOKEN, startService, type ServiceProcess
} from '../../system-tests/lib/service-process.ts'
import { Visitor } from '../../system-tests/lib/visitor.ts'
import { useDatabase } from './database.ts'
import { startOtlpReceiver, type Span } from './otlp-receiver.ts'
import { statusOf } from './requests.ts'

const mongodbUri = useDatabase()

/** Both services with MongoDB, which send their traces to a receiver in the test. */
async function startTraced (env: Record<string, string> = {}) {
  const receiver = await startOtlpReceiver()
  const common = {
    OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
    OTEL_BSP_SCHEDULE_DELAY: '50',
    LOG_LEVEL: 'debug',
    SHUTDOWN_DELAY_MS: '10',
    FAULTS_TOKEN,
    TRUST_PROXY: 'loopback',
    ...env
  }
  const ofBackend = { ...common, MONGODB_URI: mongodbUri() }
  const backend = await startService('backend', { env: ofBackend })
  const ofFrontend = { BACKEND_URL: backend.url, ...common }
  const frontend = await startService('frontend', { env: ofFrontend })
  return { receiver, backend, frontend, visitor: new Visitor(frontend.url, new Agent()) }
}

/** The trace id in the log line of a request. */
async function loggedTraceId (service: ServiceProcess, method: string): Promise<string> {
  const line = await service.logged(line => line.msg === 'request' && line.method === method)
  return String(line.trace_id)
}

/** The spans from the named one up to the root. */
function pathTo (name: string, spans: Span[]): Span[] {
  const path: Span[] = []
  for (
    let span = spans.find(span => span.name === name);
    span;
    span = spans.find(({ spanId }) => spanId === path.at(-1)!.parentSpanId)
  ) { path.push(span) }
  return path
}

/** Without the confirmation of MongoDB's primary, which reads within a short time share. */
const withoutConfirmation = (spans: Span[]) =>
  spans.filter(({ name }) => name !== 'update confirmations')

test.each([
  { method: 'GET', operation: 'find', count: 4 },
  { method: 'POST', operation: 'insert', count: 5 } // finds the newest id first
])(
  'a $method of the page is one trace down to the $operation in MongoDB, in both logs',
  async ({ method, operation, count }) => {
    const { receiver, backend, frontend, visitor } = await startTraced()
    const answer = method === 'GET' ? await visitor.read() : await visitor.post('Ann', 'Hello')
    expect(answer.status).toBe(method === 'GET' ? 200 : 303)
    const traceId = await loggedTraceId(frontend, method)
    expect(await loggedTraceId(backend, method)).toBe(traceId)

    const spans = await receiver.trace(
      traceId,
      spans => withoutConfirmation(spans).length === count
    )
    expect(pathTo(`${operation} messages`, spans)).toEqual([
      expect.objectContaining({ service: 'guestbook-backend', kind: 'client' }),
      expect.objectContaining({
        service: 'guestbook-backend',
        kind: 'server',
        name: `${method} /api/v1/messages`,
        attributes: expect.objectContaining({ 'http.route': '/api/v1/messages' })
      }),
      expect.objectContaining({ service: 'guestbook-frontend', kind: 'client' }),
      expect.objectContaining({
        service: 'guestbook-frontend',
        kind: 'server',
        name: `${method} /`,
        parentSpanId: undefined,
        attributes: expect.objectContaining({ 'http.route': '/' })
      })
    ])
    expect(withoutConfirmation(receiver.spans)).toHaveLength(count)
  }
)

test('the reference on an error page is the trace id, and both services log it', async () => {
  const { receiver, backend, frontend, visitor } = await startTraced()
  await backend.setFault({ storeDown: true })
  const answer = await visitor.post('Ann', 'Hello')
  expect(answer.status).toBe(503)
  const reference = referenceIn(answer.text)
  for (const service of [frontend, backend]) {
    expect(
      await service.logged(line => line.msg === 'request' && line.trace_id === reference)
    ).toMatchObject({ level: 'error', status_code: 503 })
  }
  const spans = await receiver.trace(reference, spans =>
    spans.some(({ name }) => name === 'POST /')
  )
  expect(spans.map(({ service }) => service)).toContain('guestbook-backend')
})

const SENT = { traceId: '4bf92f3577b34da6a3ce929d0e0e4736', spanId: '00f067aa0ba902b7' }
const traceHeaders = (flags: string) => ({
  traceparent: `00-${SENT.traceId}-${SENT.spanId}-${flags}`,
  tracestate: 'vendor=value',
  baggage: 'user=ann'
})
const FORWARDED = { 'x-forwarded-for': '203.0.113.9', 'x-forwarded-proto': 'http' }

/** By TRUST_PROXY: requests, and whether the service continues their trace. */
const CALLERS = {
  '': [
    { to: 'frontend', headers: {}, isContinued: false },
    { to: 'backend', headers: {}, isContinued: false }
  ],
  '10.0.0.0/8': [
    { to: 'backend', headers: { 'x-forwarded-for': '10.0.0.1' }, isContinued: false }
  ],
  loopback: [
    { to: 'frontend', headers: {}, isContinued: false },
    { to: 'frontend', headers: FORWARDED, isContinued: false },
    { to: 'backend', headers: FORWARDED, isContinued: false },
    { to: 'backend', headers: {}, isContinued: true }
  ]
} as const

describe.each(Object.entries(CALLERS))('services with TRUST_PROXY=%s', (trusted, callers) => {
  test('continue only the traces of frontends', async () => {
    const traced = await startTraced({ TRUST_PROXY: trusted })
    for (const { to, headers, isContinued } of callers) {
      for (const flags of isContinued ? ['01'] : ['01', '00', 'ff']) {
        const span = await spanOf(traced, to, flags, headers)
        expect({ to, headers, flags, span }).toMatchObject({
          span: isContinued
            ? { traceId: SENT.traceId, parentSpanId: SENT.spanId, links: [] }
            : {
                traceId: expect.not.stringMatching(SENT.traceId),
                parentSpanId: undefined,
                links: [SENT]
              }
        })
      }
    }
    const continued = traced.receiver.spans.filter(({ traceId }) => traceId === SENT.traceId)
    expect(continued).toHaveLength(callers.filter(({ isContinued }) => isContinued).length)
  })
})

/** Sends a request with a trace. Returns the service's span. */
async function spanOf (
  { receiver, frontend, backend }: Awaited<ReturnType<typeof startTraced>>,
  to: 'frontend' | 'backend', flags: string, headers: Record<string, string>
): Promise<Span> {
  const url = to === 'frontend'
    ? `${frontend.url}/?before=forged`
    : `${backend.url}/api/v1/messages?cursor=forged`
  const answer = await request(url, { headers: { ...traceHeaders(flags), ...headers } })
  expect(answer.statusCode).toBe(400)
  const text = await answer.body.text()
  const reference = to === 'frontend'
    ? referenceIn(text)
    : (JSON.parse(text) as { traceId: string }).traceId
  const isOfService = ({ kind, service }: Span) =>
    kind === 'server' && service === `guestbook-${to}`
  return (await receiver.trace(reference, spans => spans.some(isOfService))).find(isOfService)!
}

test('trace headers of a visitor do not reach the backend', async () => {
  const received: IncomingHttpHeaders[] = []
  const listener = createServer(({ headers }, response) => {
    received.push(headers)
    response.writeHead(404).end()
  }).listen(0, '127.0.0.1')
  cleanUp(() => { listener.close() })
  await once(listener, 'listening')
  const { frontend } = await startTraced({
    BACKEND_URL: `http://127.0.0.1:${(listener.address() as AddressInfo).port}`
  })
  await (await request(`${frontend.url}/?before=x`, { headers: traceHeaders('01') })).body.dump()
  expect(received).toHaveLength(1)
  expect(received[0]).toMatchObject({ traceparent: expect.not.stringContaining(SENT.traceId) })
  expect(Object.keys(received[0]!)).not.toEqual(
    expect.arrayContaining([expect.stringMatching(/^(tracestate|baggage)$/)])
  )
})

test('SIGTERM flushes the spans; probes, metrics and /faults have none', async () => {
  const { receiver, backend, frontend, visitor } = await startTraced({
    OTEL_BSP_SCHEDULE_DELAY: '3600000'
  })
  for (const service of [frontend, backend]) {
    for (const path of ['health', 'ready', 'health/live', 'health/ready']) {
      for (const listener of [service.url, service.managementUrl]) {
        expect(await statusOf(`${listener}/${path}`)).toBe(200)
      }
    }
    expect(await statusOf(`${service.managementUrl}/metrics`)).toBe(200)
    await service.setFault({ latencyMs: 1 })
  }
  await visitor.read()
  expect(receiver.spans).toEqual([])

  expect(await frontend.stop()).toBe(0)
  expect(await backend.stop()).toBe(0)
  const names = withoutConfirmation(receiver.spans).map(({ name }) => name)
  expect(names.sort()).toEqual(['GET', 'GET /', 'GET /api/v1/messages', 'find messages'])
})

test('exemplars in the metrics of both services refer to exported traces', async () => {
  const { receiver, backend, frontend, visitor } = await startTraced()
  await visitor.read()
  for (const service of [frontend, backend]) {
    const exemplar =
      /^http_request_duration_seconds_bucket.+# \{trace_id="(\w+)",span_id="(\w+)"\}/m
    const [, traceId, spanId] = exemplar.exec(await scrape(service.managementUrl)) ?? []
    const spans = await receiver.trace(traceId!, spans => withoutConfirmation(spans).length === 4)
    expect(spans.find(span => span.spanId === spanId)).toMatchObject({
      service: `guestbook-${service.name}`,
      kind: 'server'
    })
  }
})

test.each([
  ['never responds', async () => (await startOtlpReceiver({ silent: true })).url],
  ['is not there', async () => 'http://127.0.0.1:9']
])('a collector that %s delays neither visitors nor the stop', async (_how, collector) => {
  const { frontend, visitor } = await startTraced({
    OTEL_EXPORTER_OTLP_ENDPOINT: await collector()
  })
  expect(await visitor.read()).toMatchObject({ status: 200 })
  const signalled = performance.now()
  expect(await frontend.stop()).toBe(0)
  expect(performance.now() - signalled).toBeLessThan(6000)
  expect(frontend.lines.slice(-2)).toMatchObject([
    { level: 'warn', msg: 'the last traces were not sent' },
    { msg: 'stopped' }
  ])
})
