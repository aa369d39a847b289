import { expect, jest, test } from '@jest/globals'
import fc from 'fast-check'
import { createBatcher } from '../src/store/batcher.ts'
import { until } from './helper.ts'

interface Write {
  items: number[]
  end: (errors?: ReadonlyMap<number, Error>) => void
  fail: (error: Error) => void
}

/** Writes that the test settles. */
function controlled (maxBatchSize = 3, queueTimeoutMs = 60_000) {
  const writes: Write[] = []
  const insert = createBatcher<number>({
    write: async items =>
      await new Promise((resolve, reject) => {
        writes.push({
          items,
          end: (errors = new Map()) => { resolve(errors) },
          fail: reject
        })
      }),
    maxBatchSize,
    queueTimeoutMs,
    timeoutError: () => new Error('too late')
  })
  return {
    insert,
    writes,
    begun: async (count: number) => {
      await until(`write ${count} has begun`, () => writes.length === count)
    }
  }
}

test('a lone item is written at once, and items that arrive meanwhile in batches', async () => {
  const { insert, writes, begun } = controlled()
  const all = Promise.all([1, 2, 3, 4, 5].map(insert))
  expect(writes.map(({ items }) => items)).toEqual([[1]])
  writes[0]?.end()
  await begun(2)
  writes[1]?.end()
  await begun(3)
  writes[2]?.end()
  await all
  expect(writes.map(({ items }) => items)).toEqual([[1], [2, 3, 4], [5]])
})

test('the error of an item rejects that item only', async () => {
  const { insert, writes, begun } = controlled()
  const answers = Promise.allSettled([1, 2, 3].map(insert))
  writes[0]?.end()
  await begun(2)
  writes[1]?.end(new Map([[1, new Error('rejected')]]))
  expect((await answers).map(({ status }) => status)).toEqual([
    'fulfilled',
    'fulfilled',
    'rejected'
  ])
})

test('a failed write rejects its whole batch, and the next batch is written', async () => {
  const { insert, writes, begun } = controlled(2)
  const answers = Promise.allSettled([1, 2, 3, 4].map(insert))
  writes[0]?.end()
  await begun(2)
  writes[1]?.fail(new Error('broken'))
  await begun(3)
  writes[2]?.end()
  expect((await answers).map(({ status }) => status)).toEqual([
    'fulfilled', 'rejected', 'rejected', 'fulfilled'
  ])
})

test('an item beyond the queue timeout is rejected without a write', async () => {
  const { insert, writes } = controlled(3, 1000)
  const now = jest.spyOn(performance, 'now').mockReturnValue(0)
  try {
    const answers = Promise.allSettled([1, 2].map(insert))
    now.mockReturnValue(1001)
    const late = insert(3)
    writes[0]?.end()
    await until('the next group has begun', () => writes.length === 2)
    writes[1]?.end()
    await late
    expect((await answers)[1]).toEqual({ status: 'rejected', reason: new Error('too late') })
    expect(writes.map(({ items }) => items)).toEqual([[1], [3]])
  } finally {
    now.mockRestore()
  }
})

test('for any arrivals, each item is written once, in order, one batch at a time', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.boolean(), { maxLength: 60 }), async steps => {
      const { insert, writes } = controlled(4)
      const given: Array<Promise<void>> = []
      let ended = 0
      for (const isItem of [...steps, ...steps.map(() => false)]) {
        if (isItem) given.push(insert(given.length))
        else if (ended < writes.length) writes[ended++]?.end()
        await new Promise(setImmediate)
        expect(writes.length - ended).toBeLessThanOrEqual(1)
      }
      await Promise.all(given)
      expect(writes.flatMap(({ items }) => items)).toEqual(given.map((_, index) => index))
    }),
    { numRuns: 100 }
  )
})
