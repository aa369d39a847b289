import { EventEmitter, once } from 'node:events'
import { expect, test } from '@jest/globals'
import { TraceFlags } from '@opentelemetry/api'
import { ProblemError } from '../src/index.ts'
import { listen } from './helper.ts'
import { inSpan, SPAN_ID, TRACE_ID } from './tracing.ts'

async function buildRoutes () {
  const handler = new EventEmitter()
  const built = await listen({
    routes: app => {
      app.get('/items/:id', async () => 'fine')
      app.post(
        '/items',
        { schema: { body: { type: 'object', required: ['name'] } } },
        async () => 'stored'
      )
      app.get('/rejects', async () => { throw new ProblemError(409, 'conflict', 'No.') })
      app.get('/fails', async () => { throw new Error('broken') })
      app.get('/waits', async () => {
        handler.emit('reached')
        await once(handler, 'proceed')
        return 'late'
      })
    }
  })
  const page = async () => (await built.management.inject('/metrics')).body
  /** Every counter series of requests on the metrics page. */
  const requests = async () => (await page()).match(/^http_requests_total\{.*$/gm) ?? []
  return { ...built, handler, page, requests }
}

test('every request is counted once, by method, route pattern and status', async () => {
  const { app, requests } = await buildRoutes()
  for (const url of [
    '/items/1', '/items/2?q=1', '/rejects', '/fails', '/nothing', '/.env', '/%zz'
  ]) {
    await app.inject(url)
  }
  await app.inject({ method: 'HEAD', url: '/items/1' })
  for (const [type, payload] of [
    ['json', '{}'], ['json', '{"name":"x"}'], ['json', '{'], ['csv', 'a']
  ] as const) {
    const headers = { 'content-type': `application/${type}` }
    await app.inject({ method: 'POST', url: '/items', headers, payload })
  }
  expect((await requests()).sort()).toEqual([
    'http_requests_total{method="GET",route="/fails",status_code="500"} 1',
    'http_requests_total{method="GET",route="/items/:id",status_code="200"} 2',
    'http_requests_total{method="GET",route="/rejects",status_code="409"} 1',
    'http_requests_total{method="GET",route="not_found",status_code="404"} 3',
    'http_requests_total{method="HEAD",route="/items/:id",status_code="200"} 1',
    'http_requests_total{method="POST",route="/items",status_code="200"} 1',
    'http_requests_total{method="POST",route="/items",status_code="400"} 2',
    'http_requests_total{method="POST",route="/items",status_code="415"} 1'
  ])
})

test("the histogram counts the same requests and has the SLO's threshold as bucket", async () => {
  const { app, page } = await buildRoutes()
  await app.inject('/items/1')
  await app.inject('/items/2')
  const labels = 'method="GET",route="/items/:id",status_code="200"'
  const body = await page()
  const bounds = [
    ...body.matchAll(/^http_request_duration_seconds_bucket\{le="([^"]+)",.*\} \d+$/gm)
  ].map(([, bound]) => bound)
  expect(bounds).toEqual([
    '0.005', '0.01', '0.025', '0.05', '0.1', '0.2', '0.3', '0.5', '1', '2.5', '5', '10', '+Inf'
  ])
  expect(body).toContain(`http_request_duration_seconds_bucket{le="+Inf",${labels}} 2\n`)
  expect(body).toContain(`http_request_duration_seconds_count{${labels}} 2\n`)
  expect(body.match(/^http_request_duration_seconds_count.*$/gm)).toHaveLength(1)
})

test('the histogram observes the duration of a request', async () => {
  const { app, handler, scrape } = await buildRoutes()
  const reached = once(handler, 'reached')
  const answer = app.inject('/waits')
  await reached
  const start = performance.now() // the request started before
  while (performance.now() - start < 310) { // above the threshold
    await new Promise(resolve => setImmediate(resolve))
  }
  handler.emit('proceed')
  await answer
  const labels = 'method="GET",route="/waits",status_code="200"'
  expect(await scrape(`http_request_duration_seconds_bucket{le="0.3",${labels}}`)).toBe(0)
  expect(await scrape(`http_request_duration_seconds_bucket{le="10",${labels}}`)).toBe(1)
  expect(await scrape(`http_request_duration_seconds_sum{${labels}}`)).toBeGreaterThan(0.3)
})

test('a request of a disconnected client is counted once, as 499', async () => {
  const { app, dial, handler, service, requests } = await buildRoutes()
  const client = dial()
  const reached = once(handler, 'reached')
  client.write('GET /waits HTTP/1.1\r\nhost: test\r\n\r\n')
  await reached
  client.destroy()
  while ((await requests()).length === 0) await new Promise(resolve => setImmediate(resolve))
  const counted = ['http_requests_total{method="GET",route="/waits",status_code="499"} 1']
  expect(await requests()).toEqual(counted)
  handler.emit('proceed')
  await app.close()
  expect(await requests()).toEqual(counted)
  expect(service.lines.filter(({ msg }) => msg === 'request')).toEqual([
    expect.objectContaining({ level: 'info', route: '/waits', status_code: 499 })
  ])
})

test('an exemplar links its bucket to the trace of the request', async () => {
  const { app, page } = await buildRoutes()
  await inSpan(async () => await app.inject('/items/1'))
  const exemplars = (await page()).match(/^http_request_duration_seconds_bucket\{.*#.*$/gm)
  expect(exemplars).toEqual([
    expect.stringMatching(
      new RegExp(
        '^http_request_duration_seconds_bucket\\{le="[\\d.]+",method="GET",route="/items/:id",' +
          `status_code="200"\\} 1 # \\{trace_id="${TRACE_ID}",span_id="${SPAN_ID}"\\} ` +
          '[\\d.e-]+ \\d+\\.\\d+$'
      )
    )
  ])
})

test('without a trace, or with one that is not recorded, there is no exemplar', async () => {
  const { app, page } = await buildRoutes()
  await app.inject('/items/1')
  await inSpan(async () => await app.inject('/items/1'), TraceFlags.NONE)
  expect(await page()).not.toContain('trace_id')
})
