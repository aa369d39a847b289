import { beforeEach, describe, expect, jest, test } from '@jest/globals'
import { Retrier } from '../src/backend/retry.ts'
import { cleanUp } from './helper.ts'

class Passing extends Error {}
const isTransient = (error: unknown) => error instanceof Passing
const random = jest.spyOn(Math, 'random')

beforeEach(() => {
  random.mockReturnValue(0) // pauses take no time
  cleanUp(() => { random.mockReset() })
})

/** Runs an attempt that fails as often as told, and counts. */
async function run (
  failures: number,
  { retrier = new Retrier(), totalMs = 60_000, error = new Passing('not now') as Error } = {}
) {
  let attempts = 0
  let retries = 0
  const outcome = await retrier
    .run(
      async () => {
        if (attempts++ < failures) throw error
        return 'done'
      },
      {
        totalMs,
        isTransient,
        onRetry: () => {
          retries++
        }
      }
    )
    .catch(error => error.message)
  return { outcome, attempts, retries }
}

test('what works is tried once', async () => {
  expect(await run(0)).toEqual({ outcome: 'done', attempts: 1, retries: 0 })
})

test('what fails for a passing reason is tried up to four times', async () => {
  expect(await run(1)).toEqual({ outcome: 'done', attempts: 2, retries: 1 })
  expect(await run(3)).toEqual({ outcome: 'done', attempts: 4, retries: 3 })
  expect(await run(4)).toEqual({ outcome: 'not now', attempts: 4, retries: 3 })
})

test('what cannot be helped is tried once', async () => {
  expect(await run(9, { error: new Error('wrong') })).toEqual({
    outcome: 'wrong',
    attempts: 1,
    retries: 0
  })
})

test('no attempt begins when the time is over; pauses are random below 200 ms, then 800, then 3200', async () => {
  const now = jest.spyOn(Date, 'now').mockReturnValue(0) // so that only the pauses count against the deadline
  cleanUp(() => {
    now.mockRestore()
  })
  random.mockReturnValue(0.1)
  for (const [totalMs, attempts] of [
    [1, 1],
    [20, 1],
    [21, 2],
    [80, 2],
    [81, 3],
    [320, 3],
    [321, 4]
  ] as const) {
    expect([totalMs, await run(9, { totalMs })]).toEqual([
      totalMs,
      { outcome: 'not now', attempts, retries: attempts - 1 }
    ])
  }
})

test('every attempt is told the time that is left for it', async () => {
  let time = 0
  const now = jest.spyOn(Date, 'now').mockImplementation(() => time)
  cleanUp(() => { now.mockRestore() })
  const left: number[] = []
  await new Retrier().run(async leftMs => {
    left.push(leftMs)
    time += 400
    throw new Passing('not now')
  }, { totalMs: 1000, isTransient, onRetry: () => {} }).catch(() => {})
  expect(left).toEqual([1000, 600, 200])
})

test('the pauses are really made', async () => {
  random.mockReturnValue(0.1)
  const start = performance.now()
  expect((await run(2, { totalMs: 60_000 })).outcome).toBe('done')
  expect(performance.now() - start).toBeGreaterThanOrEqual(98)
})

describe('the budget', () => {
  test('lets a few calls repeat freely, then one repeat for ten calls, so that an outage is not made worse', async () => {
    const retrier = new Retrier()
    let retries = 0
    for (let call = 0; call < 1000; call++) retries += (await run(9, { retrier })).retries
    expect(retries).toBeGreaterThanOrEqual(100)
    expect(retries).toBeLessThanOrEqual(120)
  })

  test('holds for calls at once as well', async () => {
    const retrier = new Retrier()
    const calls = await Promise.all(
      Array.from({ length: 1000 }, async () => await run(9, { retrier }))
    )
    expect(calls.reduce((sum, { retries }) => sum + retries, 0)).toBeLessThanOrEqual(120)
  })

  test('fills again by calls that work', async () => {
    const retrier = new Retrier()
    for (let call = 0; call < 100; call++) await run(9, { retrier })
    expect((await run(1, { retrier })).outcome).toBe('not now')
    for (let call = 0; call < 30; call++) await run(0, { retrier })
    expect(await run(3, { retrier })).toEqual({ outcome: 'done', attempts: 4, retries: 3 })
  })
})
