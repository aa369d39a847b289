import { expect, jest, test } from '@jest/globals'
import { TIME_BUDGET } from '@guestbook/service-kit'
import { PrimaryConfirmation } from '../src/store/primary-confirmation.ts'
import { cleanUp, until } from './helper.ts'

/** Confirmations that the test settles, with a mocked clock. */
function controlled () {
  const asked: Array<PromiseWithResolvers<void>> = []
  let now = 0
  const clock = jest.spyOn(performance, 'now').mockImplementation(() => now)
  cleanUp(() => { clock.mockRestore() })
  const primary = new PrimaryConfirmation(async () => {
    const answer = Promise.withResolvers<void>()
    asked.push(answer)
    await answer.promise
  })
  primary.setPrimary('first')
  return {
    primary,
    asked,
    pass: (ms: number) => { now += ms },
    isAsked: async (times: number) => {
      for (let turn = 0; turn < 100 && asked.length < times; turn++) await new Promise(setImmediate)
      expect(asked).toHaveLength(times)
    }
  }
}

const { primaryConfirmedMs } = TIME_BUDGET
const found = async () => 'found'

test('a read waits for a confirmation, and reads soon after share it', async () => {
  const { primary, asked, pass } = controlled()
  const find = jest.fn(found)
  const read = primary.read(find)
  expect(find).not.toHaveBeenCalled()
  asked[0]!.resolve()
  expect(await read).toBe('found')
  pass(primaryConfirmedMs / 2)
  expect(await primary.read(found)).toBe('found')
  expect(asked).toHaveLength(1)
})

test('a confirmation is valid from its start, not from its end', async () => {
  const { primary, asked, pass, isAsked } = controlled()
  const slow = primary.read(found)
  pass(primaryConfirmedMs)
  asked[0]!.resolve()
  await slow // it started before the confirmation
  const next = primary.read(found)
  await isAsked(2)
  asked[1]!.resolve()
  expect(await next).toBe('found')
})

test('a read does not use a confirmation that started before it', async () => {
  const { primary, asked, isAsked } = controlled()
  const first = primary.readFresh(found)
  const find = jest.fn(found)
  const second = primary.readFresh(find)
  asked[0]!.resolve()
  await first
  await isAsked(2)
  expect(find).not.toHaveBeenCalled()
  asked[1]!.resolve()
  await second
})

test('under load the confirmation is renewed early, and no read waits', async () => {
  const { primary, asked, pass, isAsked } = controlled()
  const first = primary.read(found)
  asked[0]!.resolve()
  await first
  for (let times = 2; times < 6; times++) {
    pass(primaryConfirmedMs / 2 + 1)
    expect(await Promise.all([primary.read(found), primary.read(found)])).toEqual([
      'found',
      'found'
    ])
    await isAsked(times)
    asked[times - 1]!.resolve()
    await new Promise(setImmediate)
  }
})

test('a failed renewal has no effect; a failed confirmation rejects its read', async () => {
  const { primary, asked, pass, isAsked } = controlled()
  const first = primary.read(found)
  asked[0]!.resolve()
  await first
  pass(primaryConfirmedMs / 2 + 1)
  expect(await primary.read(found)).toBe('found')
  await isAsked(2)
  asked[1]!.reject(new Error('no majority'))
  pass(primaryConfirmedMs / 2)
  const needed = primary.read(found)
  await isAsked(3)
  asked[2]!.reject(new Error('no majority'))
  await expect(needed).rejects.toThrow('no majority')
})

test('a new primary invalidates confirmations and results of the old one', async () => {
  const { primary, asked, isAsked } = controlled()
  const results = ['of the first', 'of the second']
  const find = jest.fn(async () => {
    const result = results.shift()
    if (results.length === 1) primary.setPrimary('second')
    return result
  })
  const read = primary.read(find)
  asked[0]!.resolve()
  await isAsked(2)
  asked[1]!.resolve()
  expect(await read).toBe('of the second')

  primary.setPrimary('third')
  const next = primary.read(found)
  await isAsked(3)
  primary.setPrimary('fourth')
  asked[2]!.resolve()
  await isAsked(4)
  asked[3]!.resolve()
  expect(await next).toBe('found')
})

test('an update with the same primary changes nothing', async () => {
  const { primary, asked } = controlled()
  const read = primary.read(found)
  asked[0]!.resolve()
  await read
  primary.setPrimary('first')
  expect(await primary.read(found)).toBe('found')
  await until('nothing more is asked', () => asked.length === 1)
})
