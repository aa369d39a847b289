import { AsyncLocalStorage } from 'node:async_hooks'
import { setImmediate as turn } from 'node:timers/promises'
import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { coalesce } from '../src/coalesce.ts'

/** A read that the test settles; its result is its number. */
function controlledRead () {
  const open: Array<{ succeed: () => void, fail: () => void }> = []
  const began: number[] = []
  let clock = 0
  const read = async () => await new Promise<number>((resolve, reject) => {
    const number = began.push(clock++) - 1
    open.push({
      succeed: () => { resolve(number) },
      fail: () => { reject(new Error(`read ${number} failed`)) }
    })
  })
  return { read, open, began, tick: () => clock++ }
}

test('calls during a read share the next read', async () => {
  const { read, open, began } = controlledRead()
  const newest = coalesce(read)
  const answers = [newest(), newest(), newest()]
  expect(began).toHaveLength(1)
  open[0]?.succeed()
  await turn()
  expect(began).toHaveLength(2)
  answers.push(newest())
  open[1]?.succeed()
  await turn()
  open[2]?.succeed()
  expect(await Promise.all(answers)).toEqual([0, 1, 1, 2])
})

test('a call without a running read starts one at once', () => {
  const { read, began } = controlledRead()
  void coalesce(read)()
  expect(began).toEqual([0])
})

test('an error rejects only the calls that share the read', async () => {
  const { read, open } = controlledRead()
  const newest = coalesce(read)
  const answers = [newest(), newest(), newest()]
  open[0]?.fail()
  await expect(answers[0]).rejects.toThrow('read 0 failed')
  answers[2]?.catch(() => {}) // asserted below
  open[1]?.fail()
  await expect(answers[1]).rejects.toThrow('read 1 failed')
  await expect(answers[2]).rejects.toThrow('read 1 failed')
  const after = newest()
  open[2]?.succeed()
  expect(await after).toBe(2)
})

test('a shared read gets the arguments and the async context of its first caller', async () => {
  const context = new AsyncLocalStorage<string>()
  const who = coalesce(async (name: string) => {
    await turn()
    return [name, context.getStore()]
  })
  const ask = (name: string) =>
    context.run(`trace of ${name}`, async () => [...(await who(name)), context.getStore()])
  expect(await Promise.all(['ann', 'ben', 'cem'].map(ask))).toEqual([
    ['ann', 'trace of ann', 'trace of ann'],
    ['ben', 'trace of ben', 'trace of ben'],
    ['ben', 'trace of ben', 'trace of cem']
  ])
})

test('one read runs at a time, and no result is older than its call', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.constantFrom('call', 'succeed', 'fail'), { maxLength: 40 }),
      async actions => {
        const { read, open, began, tick } = controlledRead()
        const newest = coalesce(read)
        const calls: Array<{
          at: number
          outcome: Promise<{ number: number; failed: boolean }>
        }> = []
        const failed = new Set<number>()
        let ended = 0

        for (const action of [...actions, ...actions.map(() => 'succeed')]) {
          if (action === 'call') {
            calls.push({
              at: tick(),
              outcome: newest().then(
                number => ({ number, failed: false }),
                error => ({ number: Number(/\d+/.exec(error.message)?.[0]), failed: true })
              )
            })
          } else if (ended < open.length) {
            if (action === 'fail') failed.add(ended)
            open[ended++]?.[action as 'succeed' | 'fail']()
          }
          await turn()
          expect(open.length - ended).toBeLessThanOrEqual(1)
        }
        expect(ended).toBe(open.length)
        expect(began.length).toBeLessThanOrEqual(calls.length)
        for (const { at, outcome } of calls) {
          const answer = await outcome
          expect(began[answer.number]).toBeGreaterThan(at)
          expect(answer.failed).toBe(failed.has(answer.number))
        }
      }
    ),
    { numRuns: 200 }
  )
})
