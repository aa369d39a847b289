import { expect, test } from '@jest/globals'
import { TIME_BUDGET } from '../src/index.ts'

// tests/charts and infra/test check the order; this checks the promises to visitors.
test('a page takes 1 s, a post 5 s, and each part less', () => {
  expect(TIME_BUDGET).toEqual({
    pageMs: 1000,
    storeReadMs: 800,
    mongoReadMs: 700,
    postMs: 5000,
    postAttemptMs: 2400,
    storeWriteMs: 2200,
    writeQueueMs: 1100,
    mongoWriteMs: 2000,
    connectMs: 500,
    primaryConfirmedMs: 100,
    breakerProbeMs: 500,
    staleCopyMs: 300_000,
    closeMs: 15_000
  })
})
