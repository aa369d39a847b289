import { once } from 'node:events'
import { setImmediate } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { MongoMemoryReplSet } from 'mongodb-memory-server-core'
import { StoreUnavailable, type MessageStore } from '../src/store/message-store.ts'
import { hello } from './api.ts'
import { expectComplete, startWriter } from './crash.ts'
import { cleanUp, until } from './helper.ts'
import {
  freshDatabase, mongoStore, onlyMember, pidOf, startLoneMongod, startMongo, usableMongoStore
} from './mongo.ts'
import { outageTests } from './scenarios.ts'
import { readAll } from './stored.ts'

let mongo: MongoMemoryReplSet
beforeAll(async () => { mongo = await startMongo() })
afterAll(async () => { await mongo?.stop() })

/** Kills MongoDB, as a power failure would. */
const killed = {
  begin: async () => {
    const { instance } = onlyMember(mongo).instanceInfo!
    const exit = once(instance.mongodProcess!, 'exit')
    process.kill(pidOf(onlyMember(mongo)), 'SIGKILL')
    await exit
    await onlyMember(mongo).stop({ doCleanup: false }) // updates the package's state
  },
  end: async () => { await onlyMember(mongo).start(true) }
}

const answers = async (store: MessageStore) => {
  await until('the store answers', async () => await store.ping().then(() => true, () => false))
}

async function expectUnavailable (...operations: Array<Promise<unknown>>): Promise<void> {
  const outcomes = await Promise.allSettled(operations)
  const unavailable = { status: 'rejected', reason: expect.any(StoreUnavailable) }
  expect(outcomes).toEqual(outcomes.map(() => unavailable))
}

outageTests(killed, {
  'a store fails while MongoDB is down, and recovers, also before the first connect': async () => {
    const uri = freshDatabase(mongo)
    const older = await usableMongoStore(uri)
    const { message } = await older.create(hello, 'key')
    let newer: MessageStore
    return {
      meanwhile: async () => {
        let failures = 0
        newer = mongoStore(uri, () => { failures++ })
        await Promise.all([older, newer].map(async store => {
          await expectUnavailable(
            store.create(hello, 'key'), store.create(hello), store.list({ limit: 1 }),
            store.get(message.id), store.setHidden(message.id, true), store.ping()
          )
        }))
        await until('the newer store has failed to connect once', () => failures > 0)
      },
      afterwards: async () => {
        for (const store of [older, newer]) {
          await answers(store)
          expect(await store.create(hello, 'key')).toEqual({ outcome: 'replayed', message })
          expect(await readAll(store)).toEqual([message])
        }
      }
    }
  },

  'a store that waits for MongoDB can be closed, and stops retrying': async () => ({
    meanwhile: async () => {
      let failures = 0
      const store = mongoStore(freshDatabase(mongo), () => { failures++ })
      const begin = performance.now()
      await store.close()
      expect(performance.now() - begin).toBeLessThan(3000)
      await setImmediate()
      expect(failures).toBe(0)
    }
  }),

  'acknowledged messages survive a kill of MongoDB and its client': async () => {
    const uri = freshDatabase(mongo)
    const writer = startWriter({ MONGODB_URI: uri })
    await writer.untilAcknowledged(300)
    return {
      meanwhile: async () => { await writer.kill() },
      afterwards: async () => {
        await expectComplete(await usableMongoStore(uri), writer.acknowledged())
      }
    }
  },

  'a writer survives a restart of MongoDB without lost or duplicate messages': async () => {
    const uri = freshDatabase(mongo)
    const writer = startWriter({ MONGODB_URI: uri })
    await writer.untilAcknowledged(100)
    return {
      meanwhile: async () => {},
      afterwards: async () => {
        await writer.untilAcknowledged(writer.acknowledged().length + 100)
        await writer.kill()
        await expectComplete(await usableMongoStore(uri), writer.acknowledged())
      }
    }
  }
})

test('a standalone mongod is not used, and the log explains what to do', async () => {
  const mongod = await startLoneMongod()
  cleanUp(async () => { await mongod.stop() })
  const reasons: unknown[] = []
  const times: number[] = []
  const store = mongoStore(mongod.getUri('guestbook'), error => {
    reasons.push(error)
    times.push(performance.now())
  })
  await until('the store has looked twice', () => reasons.length === 2)
  expect(reasons[0]).toMatchObject({
    message:
      'This mongod is standalone and cannot confirm what it returns. ' +
      'Make it a replica set (one member is enough): mongod --replSet rs0, then rs.initiate().'
  })
  // Half a second, plus the delay of a busy computer.
  expect(times[1]! - times[0]!).toBeGreaterThan(490)
  expect(times[1]! - times[0]!).toBeLessThan(4000)
  await expectUnavailable(store.create(hello), store.list({ limit: 1 }), store.ping())
})
