import { expect, test } from '@jest/globals'
import { temporaryFolder } from '@guestbook/service-kit/testing'
import { Agent } from 'undici'
import { Visitor } from '../../system-tests/lib/visitor.ts'
import { startOtlpReceiver } from '../services/otlp-receiver.ts'
import { startService } from '../../system-tests/lib/service-process.ts'
import { scrape } from '../../system-tests/lib/metrics.ts'

test('the exemplar of a post leads to its log lines and spans in both services', async () => {
  const receiver = await startOtlpReceiver()
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, OTEL_BSP_SCHEDULE_DELAY: '50' }
  const backend = await startService('backend', {
    env: { ...env, DATA_DIR: temporaryFolder(), TRUST_PROXY: 'loopback' }
  })
  const frontend = await startService('frontend', { env: { ...env, BACKEND_URL: backend.url } })
  const visitor = new Visitor(frontend.url, new Agent())
  await visitor.read()
  await visitor.post('Ann', 'Hello')

  const page = await scrape(frontend.managementUrl)
  const [, traceId] =
    /^http_request_duration_seconds_bucket\{.*method="POST".*\} .*# \{trace_id="(\w{32})"/m.exec(
      page
    ) ?? []
  expect(traceId).toBeDefined()
  for (const [service, route] of [
    [frontend, '/'],
    [backend, '/api/v1/messages']
  ] as const) {
    expect(await service.logged(({ trace_id: id }) => id === traceId)).toMatchObject({
      msg: 'request',
      method: 'POST',
      route
    })
  }
  const spans = await receiver.trace(
    traceId!,
    spans => new Set(spans.map(({ service }) => service)).size === 2
  )
  expect(spans.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['POST /', 'POST /api/v1/messages'])
  )
})
