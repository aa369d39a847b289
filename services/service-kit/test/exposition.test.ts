import { expect, test } from '@jest/globals'
import { build } from './helper.ts'
import { familiesOf } from '../testing/index.ts'

/** Families of an OpenMetrics page, and lines outside of families. */
function parse (page: string) {
  const families: Array<{ name: string, type: string }> = []
  const strays: string[] = []
  for (const line of page.split('\n').filter(Boolean)) {
    const [, name = '', type = ''] = /^# TYPE (\S+) (\S+)$/.exec(line) ?? []
    if (name) families.push({ name, type })
    else if (!line.startsWith('# ') && !line.startsWith(families.at(-1)?.name ?? ' ')) {
      strays.push(line)
    }
  }
  return { families, strays }
}

async function scrapePage () {
  const { app, management } = await build({ env: { VERSION: '1.2.3', REVISION: 'abc' } })
  await app.inject('/nothing')
  return await management.inject('/metrics')
}

test('the metrics page is OpenMetrics, and not on the public port', async () => {
  const { app } = await build()
  const page = await scrapePage()
  expect(page.statusCode).toBe(200)
  expect(page.headers['content-type']).toBe(
    'application/openmetrics-text; version=1.0.0; charset=utf-8'
  )
  expect(page.body).toMatch(/\n# EOF\n$/)
  expect((await app.inject('/metrics')).statusCode).toBe(404)
})

test('one registry has the metrics of service and process, each family once', async () => {
  const { families, strays } = parse((await scrapePage()).body)
  const names = families.map(({ name }) => name)
  expect(strays).toEqual([])
  expect(names.filter((name, at) => names.indexOf(name) !== at)).toEqual([])
  expect(families).toEqual(
    expect.arrayContaining([
      { name: 'guestbook_build_info', type: 'gauge' },
      { name: 'guestbook_fault_active', type: 'gauge' },
      { name: 'http_requests', type: 'counter' },
      { name: 'http_request_duration_seconds', type: 'histogram' },
      { name: 'process_uptime_seconds', type: 'gauge' },
      { name: 'process_uncaught_exceptions', type: 'counter' },
      { name: 'process_cpu_seconds', type: 'counter' },
      { name: 'process_resident_memory_bytes', type: 'gauge' },
      { name: 'process_open_fds', type: 'gauge' },
      { name: 'nodejs_eventloop_lag_p99_seconds', type: 'gauge' },
      { name: 'nodejs_heap_size_used_bytes', type: 'gauge' },
      { name: 'nodejs_gc_duration_seconds', type: 'histogram' }
    ])
  )
})

const BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 1, 2.5, 5, 10]
const REQUEST = ['method', 'route', 'status_code']

test('every service has these metric families, with these labels and buckets', async () => {
  const { service } = await build()
  expect(await familiesOf(service)).toEqual([
    {
      name: 'guestbook_build_info',
      type: 'gauge',
      labels: ['service', 'version', 'revision', 'node_version']
    },
    { name: 'guestbook_fault_active', type: 'gauge', labels: ['fault'] },
    { name: 'guestbook_requests_shed_total', type: 'counter', labels: ['reason'] },
    { name: 'http_request_duration_seconds', type: 'histogram', labels: REQUEST, buckets: BUCKETS },
    { name: 'http_requests_total', type: 'counter', labels: REQUEST },
    { name: 'process_uncaught_exceptions_total', type: 'counter', labels: [] },
    { name: 'process_uptime_seconds', type: 'gauge', labels: [] }
  ])
})

test('shed requests have a series for every reason from the start', async () => {
  const { scrape } = await build()
  const reasons = ['reads', 'posts', 'event_loop', 'body_bytes', 'client_body_bytes']
  const counts = reasons.map(async reason =>
    await scrape(`guestbook_requests_shed_total{reason="${reason}"}`))
  expect(await Promise.all(counts)).toEqual([0, 0, 0, 0, 0])
})

test('build information and uptime are exported', async () => {
  const { body } = await scrapePage()
  expect(body).toContain(
    '\nguestbook_build_info{service="test-service",version="1.2.3",revision="abc",' +
      `node_version="${process.version}"} 1\n`
  )
  const uptime = Number(/^process_uptime_seconds (.*)$/m.exec(body)?.[1])
  expect(Math.abs(uptime - process.uptime())).toBeLessThan(5)
})

test('two services in one process share no series', async () => {
  const [one, other] = [await build(), await build()]
  await one.app.inject('/nothing')
  const series = 'http_requests_total{method="GET",route="not_found",status_code="404"}'
  expect([await one.scrape(series), await other.scrape(series)]).toEqual([1, undefined])
})
