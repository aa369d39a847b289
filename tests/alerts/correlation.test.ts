import { expect, test } from '@jest/globals'
import { startOtlpReceiver } from '../services/otlp-receiver.ts'
import { startBoth } from '../services/start-both.ts'
import { scrape } from '../../system-tests/lib/metrics.ts'

test('the exemplar of a post leads to its log lines and spans in both services', async () => {
  const receiver = await startOtlpReceiver()
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, OTEL_BSP_SCHEDULE_DELAY: '50' }
  const ofBackend = { TRUST_PROXY: 'loopback' }
  const { backend, frontend, newVisitor } = await startBoth({ env, ofBackend })
  const visitor = newVisitor()
  await visitor.read()
  await visitor.post('Ann', 'Hello')

  const exemplar =
    /^http_request_duration_seconds_bucket\{.*method="POST".*\} .*# \{trace_id="(\w{32})"/m
  const [, traceId] = exemplar.exec(await scrape(frontend.managementUrl)) ?? []
  expect(traceId).toBeDefined()
  for (const [service, route] of [[frontend, '/'], [backend, '/api/v1/messages']] as const) {
    expect(await service.logged(({ trace_id: id }) => id === traceId))
      .toMatchObject({ msg: 'request', method: 'POST', route })
  }
  const spans = await receiver.trace(traceId!, spans =>
    new Set(spans.map(({ service }) => service)).size === 2)
  expect(spans.map(({ name }) => name))
    .toEqual(expect.arrayContaining(['POST /', 'POST /api/v1/messages']))
})
