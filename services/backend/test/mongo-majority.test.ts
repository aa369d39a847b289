import { afterAll, beforeAll, expect } from '@jest/globals'
import { setTimeout as sleep } from 'node:timers/promises'
import type { MongoMemoryReplSet } from 'mongodb-memory-server-core'
import { StoreUnavailable } from '../src/store/message-store.ts'
import { hello, UNKNOWN_ID } from './api.ts'
import { until } from './helper.ts'
import { freshDatabase, pidOf, startMongo, usableMongoStore } from './mongo.ts'
import { outageTests } from './scenarios.ts'
import { readAll } from './stored.ts'

/** Maximum wait of a caller; below the timeout of the frontend. */
const TIME_BOUND_MS = 5000
/** A little more than the validity of a confirmation. */
const CONFIRMED_MS = 110

let mongo: MongoMemoryReplSet
beforeAll(async () => { mongo = await startMongo({ count: 3 }) }, 60_000)
afterAll(async () => {
  signalSecondaries('SIGCONT')
  await mongo?.stop()
})

function signalSecondaries (signal: NodeJS.Signals): void {
  for (const pid of mongo.servers.slice(1).map(pidOf)) process.kill(pid, signal)
}

/** Pauses both secondaries, so that the primary has no majority. */
const noMajority = {
  begin: async () => {
    signalSecondaries('SIGSTOP')
    await sleep(CONFIRMED_MS) // earlier confirmations have expired
  },
  end: async () => { signalSecondaries('SIGCONT') }
}

const UNAVAILABLE = { status: 'rejected', reason: expect.any(StoreUnavailable) }
const unavailable = (answers: unknown[]) => answers.map(() => UNAVAILABLE)

outageTests(noMajority, {
  'nothing is acknowledged without a majority, and a retry finds the message': async () => {
    const store = await usableMongoStore(freshDatabase(mongo))
    const before = await store.create({ name: 'Ben', message: 'Before' })
    return {
      meanwhile: async () => {
        for (const attempt of ['the first attempt', 'its retry']) {
          const start = performance.now()
          const answer = await store.create(hello, 'key')
            .then(created => ({ attempt, created }), error => error)
          expect(answer).toBeInstanceOf(StoreUnavailable)
          expect(performance.now() - start).toBeLessThan(TIME_BOUND_MS)
        }
      },
      afterwards: async () => {
        let retried: Awaited<ReturnType<typeof store.create>> | undefined
        await until('the retry is answered', async () => {
          retried = await store.create(hello, 'key').catch(() => undefined)
          return retried !== undefined
        })
        const any = { id: expect.any(String), createdAt: expect.any(Date) }
        const message = { ...hello, ...any, hidden: false, version: 0 }
        expect(retried).toEqual({ outcome: 'replayed', message })
        expect(await readAll(store)).toEqual([retried?.message, before.message])
      }
    }
  },

  'posts without a majority fail within the timeout, and succeed afterwards': async () => {
    const store = await usableMongoStore(freshDatabase(mongo))
    const numbers = Array.from({ length: 150 }, (_, number) => number)
    const create = async (number: number) =>
      await store.create({ name: 'Ann', message: `${number}` }, `key ${number}`)
    return {
      meanwhile: async () => {
        const start = performance.now()
        const answers = await Promise.allSettled(numbers.map(create))
        expect(performance.now() - start).toBeLessThan(TIME_BOUND_MS)
        expect(answers).toEqual(unavailable(answers))
      },
      afterwards: async () => {
        const ids = new Set<string>()
        for (const number of numbers) {
          await until(`message ${number} is acknowledged`, async () =>
            await create(number).then(({ message }) => ids.add(message.id) && true, () => false))
        }
        expect((await readAll(store)).map(({ id }) => id)).toEqual([...ids].sort().reverse())
        expect(ids.size).toBe(numbers.length)
      }
    }
  },

  // No stale list, no wrong 404, no moderation without effect.
  'a primary without a majority serves no reads': async () => {
    const store = await usableMongoStore(freshDatabase(mongo))
    const { message } = await store.create(hello)
    await store.setHidden(message.id, true)
    return {
      meanwhile: async () => {
        const answers = await Promise.allSettled([
          store.create(hello, 'in doubt'), store.list({ limit: 10 }), store.ping(),
          store.get(message.id), store.get(UNKNOWN_ID), store.setHidden(message.id, true),
          store.setHidden(message.id, false), store.setHidden(UNKNOWN_ID, true)
        ])
        expect(answers).toEqual(unavailable(answers))
      },
      afterwards: async () => {
        await until('the store answers', async () =>
          await store.ping().then(() => true, () => false))
        expect(await store.get(UNKNOWN_ID)).toBeNull()
      }
    }
  }
})
