import { once } from 'node:events'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import type { MongoMemoryReplSet } from 'mongodb-memory-server-core'
import { StoreUnavailable } from '../src/store/message-store.ts'
import { expectComplete, startWriter } from './crash.ts'
import { until } from './helper.ts'
import { freshDatabase, mongoStore, onlyMember, pidOf, startMongo, usableMongoStore } from './mongo.ts'
import { readAll } from './store-contract.ts'

const hello = { name: 'Ann', message: 'Hello' }

let mongo: MongoMemoryReplSet
beforeEach(async () => { mongo = await startMongo() })
afterEach(async () => { await mongo?.stop() })

const stop = async () => { await onlyMember(mongo).stop({ doCleanup: false }) }
const restart = async () => { await onlyMember(mongo).start(true) }

test('the store finds MongoDB again by itself after a restart', async () => {
  const store = await usableMongoStore(freshDatabase(mongo))
  const { message } = await store.create(hello, 'key')
  await stop()
  await Promise.all([store.ping(), store.create(hello, 'key')].map(async answer => { await expect(answer).rejects.toBeInstanceOf(StoreUnavailable) }))
  await restart()
  await until('the store answers', async () => await store.ping().then(() => true, () => false))
  expect(await store.create(hello, 'key')).toEqual({ outcome: 'replayed', message })
  expect(await readAll(store)).toEqual([message])
})

test('a store made before MongoDB runs refuses everything until it appears, then serves', async () => {
  const uri = freshDatabase(mongo)
  await stop()
  let failures = 0
  const store = mongoStore(uri, () => { failures++ })
  const refused = await Promise.allSettled([store.create(hello), store.list({ limit: 1 }), store.get('id'), store.setHidden('id', true), store.ping()])
  expect(refused).toEqual(refused.map(() => ({ status: 'rejected', reason: expect.any(StoreUnavailable) })))
  await until('the store has failed to reach MongoDB', () => failures > 0)
  await restart()
  await until('the store answers', async () => await store.ping().then(() => true, () => false))
  const { message } = await store.create(hello)
  expect(await readAll(store)).toEqual([message])
})

test('a store that waits for MongoDB can be closed at once', async () => {
  const uri = freshDatabase(mongo)
  await stop()
  const store = mongoStore(uri)
  const start = performance.now()
  await store.close()
  expect(performance.now() - start).toBeLessThan(1000)
})

/** As a power cut would: no goodbye, nothing written that was not written yet. */
async function killMongo (): Promise<void> {
  const { instance } = onlyMember(mongo).instanceInfo!
  const exit = once(instance.mongodProcess!, 'exit')
  process.kill(pidOf(onlyMember(mongo)), 'SIGKILL')
  await exit
  await stop() // lets the package notice
}

test('every acknowledged message outlasts MongoDB and its client being killed while they write', async () => {
  const uri = freshDatabase(mongo)
  const writer = startWriter({ MONGODB_URI: uri })
  await writer.untilAcknowledged(300)
  await killMongo()
  await writer.kill()
  await restart()
  await expectComplete(await usableMongoStore(uri), writer.acknowledged())
})

test('a writer goes on through a killed and restarted MongoDB without a message lost or doubled', async () => {
  const uri = freshDatabase(mongo)
  const writer = startWriter({ MONGODB_URI: uri })
  await writer.untilAcknowledged(100)
  await killMongo()
  await restart()
  await writer.untilAcknowledged(writer.acknowledged().length + 100)
  await writer.kill()
  await expectComplete(await usableMongoStore(uri), writer.acknowledged())
})
