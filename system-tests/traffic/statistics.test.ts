import { expect, test } from '@jest/globals'
import { percentile, Statistics } from './statistics.ts'

test('a percentile is the smallest value that so many percent of all do not exceed', () => {
  const hundred = Array.from({ length: 100 }, (_, index) => index + 1)
  expect([50, 95, 99, 100].map(percent => percentile(hundred, percent))).toEqual([50, 95, 99, 100])
  expect([50, 95, 99].map(percent => percentile([1, 2, 3], percent))).toEqual([2, 3, 3])
  expect(percentile([7.25], 50)).toBe(7.3)
  expect(percentile([], 99)).toBeNull()
})

test('what became of requests is counted by kind, and latencies of reads and posts apart, in whatever order they came', () => {
  const statistics = new Statistics()
  for (const latencyMs of [30, 10, 20]) statistics.ended('read', 'ok', latencyMs)
  statistics.ended('post', 'ok', 5)
  statistics.ended('post', 'limited', 1)
  statistics.ended('read', 'HTTP 503', 40)
  statistics.ended('read', 'HTTP 503', 50)
  statistics.ended('post', 'timeout')
  statistics.sent = 9 // one is still under way

  expect(statistics.summary()).toEqual({
    sent: 9,
    ok: 4,
    limited: 1,
    failed: 3,
    failures: { 'HTTP 503': 2, timeout: 1 },
    reads: { answered: 5, p50: 30, p95: 50, p99: 50 },
    posts: { answered: 2, p50: 1, p95: 5, p99: 5 }
  })
  expect(String(statistics)).toBe('sent 9, ok 4, limited 1, failed 3 (HTTP 503: 2, timeout: 1)')
})

test('before anything was sent there is a summary too', () => {
  expect(String(new Statistics())).toBe('sent 0, ok 0, limited 0, failed 0')
})
