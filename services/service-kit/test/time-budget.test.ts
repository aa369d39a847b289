import { expect, test } from '@jest/globals'
import { TIME_BUDGET } from '../src/index.ts'

// Their order is held by tests/charts and infra/test; what visitors are promised, by this.
test('a page takes a second, a post five, and each part of the way a bit less', () => {
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
