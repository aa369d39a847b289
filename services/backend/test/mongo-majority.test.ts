import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { setTimeout as sleep } from 'node:timers/promises'
import { TIME_BUDGET } from '@guestbook/service-kit'
import type { MongoMemoryReplSet } from 'mongodb-memory-server-core'
import { StoreUnavailable } from '../src/store/message-store.ts'
import { cleanUp, until } from './helper.ts'
import { freshDatabase, pidOf, startMongo, usableMongoStore } from './mongo.ts'
import { readAll } from './stored.ts'

const UNKNOWN_ID = '0198c0de-0000-7000-8000-000000000000'
const hello = { name: 'Ann', message: 'Hello' }
/** What a caller may have to wait; the frontend gives up later than that. */
const TIME_BOUND_MS = 5000

let mongo: MongoMemoryReplSet
beforeAll(async () => { mongo = await startMongo({ count: 3 }) }, 60_000)
afterAll(async () => { await mongo?.stop() })

/** Stops both secondaries in their tracks, so that the primary alone is no majority. */
function freezeSecondaries (): { thaw: () => void } {
  const pids = mongo.servers.slice(1).map(pidOf)
  const signal = (name: NodeJS.Signals) => { for (const pid of pids) process.kill(pid, name) }
  const thaw = () => { signal('SIGCONT') }
  signal('SIGSTOP')
  cleanUp(thaw)
  return { thaw }
}

test('nothing is acknowledged without a majority, and a retry afterwards is told of the one message there is', async () => {
  const store = await usableMongoStore(freshDatabase(mongo))
  const before = await store.create({ name: 'Ben', message: 'Before' })
  const { thaw } = freezeSecondaries()

  for (const attempt of ['the first attempt', 'its retry']) {
    const start = performance.now()
    const answer = await store.create(hello, 'key').then(created => ({ attempt, created }), error => error)
    expect(answer).toBeInstanceOf(StoreUnavailable)
    expect(performance.now() - start).toBeLessThan(TIME_BOUND_MS)
  }

  thaw()
  let retried: Awaited<ReturnType<typeof store.create>> | undefined
  await until('the retry is answered', async () => {
    retried = await store.create(hello, 'key').catch(() => undefined)
    return retried !== undefined
  })
  expect(retried).toEqual({ outcome: 'replayed', message: { ...hello, id: expect.any(String), createdAt: expect.any(Date), hidden: false, version: 0 } })
  expect(await readAll(store)).toEqual([retried?.message, before.message])
})

test('many posts at once without a majority are all refused in time, and the store serves again afterwards', async () => {
  const store = await usableMongoStore(freshDatabase(mongo))
  const { thaw } = freezeSecondaries()
  const start = performance.now()
  const answers = await Promise.allSettled(Array.from({ length: 150 }, async (_, number) => await store.create({ name: 'Ann', message: `${number}` }, `key ${number}`)))
  expect(performance.now() - start).toBeLessThan(TIME_BOUND_MS)
  expect(answers).toEqual(answers.map(() => ({ status: 'rejected', reason: expect.any(StoreUnavailable) })))

  thaw()
  const ids = new Set<string>()
  for (const number of answers.keys()) {
    await until(`message ${number} is acknowledged`, async () =>
      await store.create({ name: 'Ann', message: `${number}` }, `key ${number}`).then(({ message }) => ids.add(message.id) && true, () => false))
  }
  expect((await readAll(store)).map(({ id }) => id)).toEqual([...ids].sort().reverse())
  expect(ids.size).toBe(answers.length)
})

test('a primary that no majority follows answers nothing: no old list, no false "there is none", no hiding without effect', async () => {
  const store = await usableMongoStore(freshDatabase(mongo))
  const { message } = await store.create(hello)
  await store.setHidden(message.id, true)
  const { thaw } = freezeSecondaries()
  await sleep(TIME_BUDGET.primaryConfirmedMs) // what was confirmed before counts no more

  await expect(store.create(hello, 'in doubt')).rejects.toBeInstanceOf(StoreUnavailable)
  const answers = await Promise.allSettled([
    store.list({ limit: 10 }), store.get(message.id), store.get(UNKNOWN_ID), store.ping(),
    store.setHidden(message.id, true), store.setHidden(message.id, false), store.setHidden(UNKNOWN_ID, true)
  ])
  expect(answers).toEqual(answers.map(() => ({ status: 'rejected', reason: expect.any(StoreUnavailable) })))

  thaw()
  await until('the store answers', async () => await store.ping().then(() => true, () => false))
  expect(await store.get(UNKNOWN_ID)).toBeNull()
})
