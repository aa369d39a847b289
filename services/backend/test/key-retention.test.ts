import { expect, jest, test } from '@jest/globals'
import { EVENT_LOOP } from '@guestbook/service-kit/testing'
import { fakeStore } from './fake-store.ts'
import { build, cleanUp, until } from './helper.ts'
import { StoreUnavailable } from '../src/store/message-store.ts'

const DAY_MS = 24 * 60 * 60 * 1000
const MINUTE_MS = 60 * 1000

test('expired keys are removed every minute, also after a failure', async () => {
  jest.useFakeTimers({ now: 10 * DAY_MS, doNotFake: [...EVENT_LOOP, 'setTimeout'] })
  cleanUp(() => { jest.useRealTimers() })
  const asked: number[] = []
  const forgetKeys = async (createdBefore: Date) => {
    asked.push(createdBefore.getTime())
    if (asked.length === 1) throw new StoreUnavailable('not now')
    return 3
  }
  const { app, service } = await build({ store: fakeStore({ forgetKeys }) })
  expect(asked).toEqual([])
  jest.advanceTimersByTime(MINUTE_MS)
  jest.advanceTimersByTime(MINUTE_MS)
  expect(asked).toEqual([1, 2].map(minutes => 9 * DAY_MS + minutes * MINUTE_MS))
  const logged = (msg: string) => service.lines.filter(line => line.msg === msg)
  await until('both are logged', () => logged('expired idempotency keys removed').length === 1)
  expect(logged('expired idempotency keys removed')).toMatchObject([{ level: 'info', keys: 3 }])
  expect(logged('could not remove expired idempotency keys, retrying later')).toMatchObject([
    { level: 'warn' }
  ])

  await app.close()
  jest.advanceTimersByTime(10 * MINUTE_MS)
  expect(asked).toHaveLength(2)
})
