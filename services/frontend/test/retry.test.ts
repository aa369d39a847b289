import { beforeEach, describe, expect, jest, test } from '@jest/globals'
import { BackendUnavailable } from '../src/backend/contract.ts'
import { Retrier } from '../src/backend/retry.ts'
import { cleanUp } from './helper.ts'

const random = jest.spyOn(Math, 'random')

beforeEach(() => {
  random.mockReturnValue(0) // no pauses
  cleanUp(() => { random.mockReset() })
})

const NOT_NOW: Error = new BackendUnavailable('not now')

/** Counts the attempts and retries of a call that fails a number of times. */
async function run (
  failures: number,
  { retrier = new Retrier(), totalMs = 60_000, error = NOT_NOW } = {}
) {
  let attempts = 0
  let retries = 0
  const attempt = async () => {
    if (attempts++ < failures) throw error
    return 'done'
  }
  const outcome = await retrier
    .run(attempt, totalMs, () => { retries++ })
    .catch(error => error.message)
  return { outcome, attempts, retries }
}

test('a successful call takes one attempt', async () => {
  expect(await run(0)).toEqual({ outcome: 'done', attempts: 1, retries: 0 })
})

test('a transient error is retried up to three times', async () => {
  expect(await run(1)).toEqual({ outcome: 'done', attempts: 2, retries: 1 })
  expect(await run(3)).toEqual({ outcome: 'done', attempts: 4, retries: 3 })
  expect(await run(4)).toEqual({ outcome: 'not now', attempts: 4, retries: 3 })
})

test('another error is not retried', async () => {
  const error = new Error('wrong')
  expect(await run(9, { error })).toEqual({ outcome: 'wrong', attempts: 1, retries: 0 })
})

test('no attempt starts after the deadline, with pauses up to 200, 800 and 3200 ms', async () => {
  const now = jest.spyOn(Date, 'now').mockReturnValue(0) // only the pauses count
  cleanUp(() => { now.mockRestore() })
  random.mockReturnValue(0.1)
  for (const [totalMs, attempts] of [
    [1, 1], [20, 1], [21, 2], [80, 2], [81, 3], [320, 3], [321, 4]
  ] as const) {
    const expected = { outcome: 'not now', attempts, retries: attempts - 1 }
    expect([totalMs, await run(9, { totalMs })]).toEqual([totalMs, expected])
  }
})

test.each([
  [400, 0, [1000, 600, 200]],
  [900, 150, [1000, 0]]
])('attempts of %i ms with pauses of %i ms get the remaining time', async (ms, pauseMs, times) => {
  let time = 0
  const now = jest.spyOn(Date, 'now').mockImplementation(() => time)
  cleanUp(() => { now.mockRestore() })
  const left: number[] = []
  const attempt = async (leftMs: number) => {
    left.push(leftMs)
    time += ms
    throw NOT_NOW
  }
  await new Retrier().run(attempt, 1000, () => { time += pauseMs }).catch(() => {})
  expect(left).toEqual(times)
})

test('the retrier sleeps between attempts', async () => {
  random.mockReturnValue(0.1)
  const start = performance.now()
  expect((await run(2, { totalMs: 60_000 })).outcome).toBe('done')
  expect(performance.now() - start).toBeGreaterThanOrEqual(98)
})

describe('the budget', () => {
  test('allows a burst of retries, then one for ten calls', async () => {
    const retrier = new Retrier()
    let retries = 0
    for (let call = 0; call < 1000; call++) retries += (await run(9, { retrier })).retries
    expect(retries).toBeGreaterThanOrEqual(100)
    expect(retries).toBeLessThanOrEqual(120)
  })

  test('applies to concurrent calls', async () => {
    const retrier = new Retrier()
    const calls = await Promise.all(
      Array.from({ length: 1000 }, async () => await run(9, { retrier }))
    )
    expect(calls.reduce((sum, { retries }) => sum + retries, 0)).toBeLessThanOrEqual(120)
  })

  test('refills with every call', async () => {
    const retrier = new Retrier()
    for (let call = 0; call < 100; call++) await run(9, { retrier })
    expect((await run(1, { retrier })).outcome).toBe('not now')
    for (let call = 0; call < 30; call++) await run(0, { retrier })
    expect(await run(3, { retrier })).toEqual({ outcome: 'done', attempts: 4, retries: 3 })
  })
})
