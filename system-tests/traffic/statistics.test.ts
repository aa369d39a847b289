import { expect, test } from '@jest/globals'
import { Statistics } from './statistics.ts'

test('requests are counted by outcome, and latencies of reads and posts are separate', () => {
  const statistics = new Statistics()
  for (const latencyMs of [30, 10.04, 20]) statistics.ended('read', 'ok', latencyMs)
  statistics.ended('post', 'ok', 5)
  statistics.ended('post', 'limited', 1)
  statistics.ended('read', 'HTTP 503', 40)
  statistics.ended('read', 'HTTP 503', 50)
  statistics.ended('post', 'timeout')
  statistics.sent = 9 // one has no answer yet

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

test('there is a summary before the first request', () => {
  expect(String(new Statistics())).toBe('sent 0, ok 0, limited 0, failed 0')
})
