import { expect, test } from '@jest/globals'
import { startOtlpReceiver } from './otlp-receiver.ts'
import { referenceIn } from '../../system-tests/lib/page.ts'
import { startService } from '../../system-tests/lib/service-process.ts'
import { startBoth } from './start-both.ts'

const loadedPackages = (stderr: string) =>
  [...stderr.matchAll(/^loaded (.+)$/gm)].map(([, name]) => name)

const OPTIONS = {
  env: { LOG_LEVEL: 'debug' },
  ofBackend: { TRUST_PROXY: 'loopback' },
  preload: 'loaded-modules.ts'
}

test('without an endpoint, only the API of OpenTelemetry is loaded', async () => {
  const { backend, frontend, newVisitor } = await startBoth(OPTIONS)
  expect(await newVisitor().post('Ann', 'Hello')).toMatchObject({ status: 303 })
  for (const service of [backend, frontend]) {
    expect(await service.stop('SIGINT')).toBe(0)
    expect(loadedPackages(service.stderr)).toEqual(['@opentelemetry/api'])
  }
})

test('with an endpoint, the SDK is loaded, unless OTEL_SDK_DISABLED is set', async () => {
  const { url } = await startOtlpReceiver()
  const loaded = async (env: Record<string, string>) => {
    const service = await startService('frontend', {
      env: { OTEL_EXPORTER_OTLP_ENDPOINT: url, ...env },
      preload: 'loaded-modules.ts'
    })
    await service.stop('SIGINT')
    return loadedPackages(service.stderr)
  }
  expect(await loaded({})).toContain('@opentelemetry/sdk-trace-node')
  expect(await loaded({ OTEL_SDK_DISABLED: 'true' })).toEqual(['@opentelemetry/api'])
})

test('without an endpoint, both services log the reference on the page', async () => {
  const { backend, frontend, newVisitor } = await startBoth(OPTIONS)
  const answer = await newVisitor().post('Ann', 'x'.repeat(1001))
  expect(answer.status).toBe(400)
  const reference = referenceIn(answer.text)
  expect(reference).toMatch(/^[0-9a-f]{32}$/)
  const lines = await Promise.all([frontend, backend].map(async service =>
    await service.logged(line => line.msg === 'request' && line.method === 'POST')))
  expect(lines).toMatchObject([
    { service: 'guestbook-frontend', trace_id: reference, status_code: 400 },
    { service: 'guestbook-backend', trace_id: reference, status_code: 400 }
  ])
  expect(lines[0]!.span_id).not.toBe(lines[1]!.span_id)
})

test('without an endpoint, trace headers of visitors are ignored', async () => {
  const ofFrontend = { TRUST_PROXY: 'loopback' }
  const { backend, frontend, newVisitor } = await startBoth({ ...OPTIONS, ofFrontend })
  const traceId = '4bf92f3577b34da6a3ce929d0e0e4736'
  await newVisitor().read({ traceparent: `00-${traceId}-00f067aa0ba902b7-00` })
  const [page, call] = await Promise.all(
    [frontend, backend].map(async service => await service.logged('request'))
  )
  expect(page!.trace_id).toMatch(/^[0-9a-f]{32}$/)
  expect(page!.trace_id).not.toBe(traceId)
  expect(call!.trace_id).toBe(page!.trace_id)
})

test('a backend with tracing records the requests of a frontend without', async () => {
  const receiver = await startOtlpReceiver()
  const traced = { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, OTEL_BSP_SCHEDULE_DELAY: '50' }
  const { frontend, newVisitor } = await startBoth({
    ofBackend: { TRUST_PROXY: 'loopback', ...traced },
    ofFrontend: { LOG_LEVEL: 'debug' }
  })
  await newVisitor().read()
  const { trace_id: traceId } = await frontend.logged('request')
  const spans = await receiver.trace(String(traceId), spans => spans.length === 1)
  expect(spans).toMatchObject([{ service: 'guestbook-backend', kind: 'server' }])
})
