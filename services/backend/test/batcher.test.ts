import { expect, jest, test } from '@jest/globals'
import fc from 'fast-check'
import { createBatcher } from '../src/store/batcher.ts'
import { until } from './helper.ts'

interface Write {
  items: number[]
  end: (errors?: ReadonlyMap<number, Error>) => void
  fail: (error: Error) => void
}

/** Writes whose end the test decides. */
function controlled (maxBatchSize = 3, queueTimeoutMs = 60_000) {
  const writes: Write[] = []
  const insert = createBatcher<number>({
    write: async items =>
      await new Promise((resolve, reject) => {
        writes.push({
          items,
          end: (errors = new Map()) => {
            resolve(errors)
          },
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

test('a lone item is written at once, and what comes meanwhile goes together, a group at a time', async () => {
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

test('a refused item is told so, the others of its group are not', async () => {
  const { insert, writes, begun } = controlled()
  const answers = Promise.allSettled([1, 2, 3].map(insert))
  writes[0]?.end()
  await begun(2)
  writes[1]?.end(new Map([[1, new Error('refused')]]))
  expect((await answers).map(({ status }) => status)).toEqual([
    'fulfilled',
    'fulfilled',
    'rejected'
  ])
})

test('when a write fails nobody of its group is told success, and the next group is written all the same', async () => {
  const { insert, writes, begun } = controlled(2)
  const answers = Promise.allSettled([1, 2, 3, 4].map(insert))
  writes[0]?.end()
  await begun(2)
  writes[1]?.fail(new Error('broken'))
  await begun(3)
  writes[2]?.end()
  expect((await answers).map(({ status }) => status)).toEqual([
    'fulfilled',
    'rejected',
    'rejected',
    'fulfilled'
  ])
})

test('what has waited too long is dropped and never written', async () => {
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

test('whatever comes when, each item is written once, in order, and never two groups at a time', async () => {
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
