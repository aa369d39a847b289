/** Evaluates the recording rules on known traffic with promtool. */
import { readFileSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import { parse } from 'yaml'
import { generatedFiles } from '../../alert-rules/generator/files.ts'
import { ROOT } from '../charts/tools.ts'
import { evaluateQueries, RECORDING_RULES, type Queries } from './promtool.ts'

const DAYS = 4
/** Minutes of each window. */
const WINDOWS = { '5m': 5, '30m': 30, '1h': 60, '2h': 120, '6h': 360, '1d': 1440, '3d': 4320 }

/** A counter with this increase per minute. */
const growing = (perMinute: number) => `0+${perMinute}x${DAYS * 1440}`
const requests = (job: string, status: number, perMinute: number) => ({
  [`http_requests_total{job="${job}",status_code="${status}",route="/"}`]: growing(perMinute)
})
/** Responses per minute, `fast` of them within 300 ms. */
function answers (job: string, status: number, perMinute: number, fast: number) {
  const labels = `job="${job}",status_code="${status}"`
  const bucket = (le: string) => `http_request_duration_seconds_bucket{${labels},le="${le}"}`
  return {
    [`http_request_duration_seconds_count{${labels}}`]: growing(perMinute),
    [bucket('0.1')]: growing(0),
    [bucket('0.3')]: growing(fast),
    [bucket('0.5')]: growing(perMinute)
  }
}

test('each objective records requests, bad requests and burn rate of every window', async () => {
  const series = {
    ...requests('guestbook-frontend', 200, 534),
    ...requests('guestbook-frontend', 404, 60),
    ...requests('guestbook-frontend', 500, 4),
    ...requests('guestbook-frontend', 503, 2),
    ...requests('guestbook-backend', 200, 288),
    ...requests('guestbook-backend', 500, 12),
    ...answers('guestbook-frontend', 200, 540, 480),
    ...answers('guestbook-frontend', 404, 60, 60),
    ...answers('guestbook-frontend', 500, 6, 1),
    ...answers('guestbook-backend', 200, 300, 285),
    // Another job.
    ...requests('other', 500, 1000),
    ...answers('other', 200, 1000, 0)
  }
  const perMinute: Record<
    string,
    [service: string, budget: number, requests: number, bad: number, burn: number]
  > = {
    'frontend-availability': ['frontend', 0.001, 600, 6, 10],
    'frontend-latency': ['frontend', 0.05, 600, 60, 2],
    'backend-availability': ['backend', 0.001, 300, 12, 40],
    'backend-latency': ['backend', 0.05, 300, 15, 1]
  }
  const of = (value: (row: (typeof perMinute)[string]) => number) =>
    Object.entries(perMinute).map(([slo, row]) => ({
      labels: `{slo="${slo}",service="${row[0]}"}`,
      value: value(row)
    }))
  const queries: Queries = {
    'round(slo:budget:ratio, 0.0001)': of(([, budget]) => budget),
    'count({__name__=~"slo:.+"})': [{ labels: '{}', value: 4 * (1 + 3 * 7) }]
  }
  for (const [window, minutes] of Object.entries(WINDOWS)) {
    queries[`round(slo:requests:increase${window}, 0.0001)`] = of(([, , all]) => all * minutes)
    queries[`round(slo:bad_requests:increase${window}, 0.0001)`] =
      of(([, , , bad]) => bad * minutes)
    queries[`round(slo:burn_rate${window}, 0.0001)`] = of(([, , , , burn]) => burn)
  }
  expect(await evaluateQueries(DAYS, series, queries)).toMatchObject({ status: 0, stderr: '' })
})

test('the burn rate is 0 without failures or without requests', async () => {
  const zero = ['frontend', 'backend'].map(service => ({
    labels: `{slo="${service}-availability",service="${service}"}`,
    value: 0
  }))
  const series = {
    ...requests('guestbook-frontend', 200, 60),
    ...requests('guestbook-backend', 200, 0)
  }
  const metrics = [
    'bad_requests:increase5m', 'burn_rate5m', 'bad_requests:increase3d', 'burn_rate3d'
  ]
  const queries = Object.fromEntries(metrics.map(metric => [`slo:${metric} + 0`, zero]))
  expect(await evaluateQueries(DAYS, series, queries)).toMatchObject({ status: 0, stderr: '' })
})

test('each objective has a group that is evaluated twice a minute', () => {
  const { groups } = parse(readFileSync(RECORDING_RULES, 'utf8')) as {
    groups: Array<{ name: string; interval: string }>
  }
  expect(groups.map(({ name, interval }) => `${name} ${interval}`)).toEqual([
    'slo-frontend-availability 30s',
    'slo-frontend-latency 30s',
    'slo-backend-availability 30s',
    'slo-backend-latency 30s'
  ])
})

test('every generated file is current', () => {
  for (const [file, text] of Object.entries(generatedFiles())) {
    expect({ file, text: readFileSync(`${ROOT}${file}`, 'utf8') }).toEqual({ file, text })
  }
})
