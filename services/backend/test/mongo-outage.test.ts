import { once } from 'node:events'
import { setImmediate } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { MongoMemoryReplSet } from 'mongodb-memory-server-core'
import { StoreUnavailable, type MessageStore } from '../src/store/message-store.ts'
import { expectComplete, startWriter } from './crash.ts'
import { cleanUp, until } from './helper.ts'
import { freshDatabase, mongoStore, onlyMember, pidOf, startLoneMongod, startMongo, usableMongoStore } from './mongo.ts'
import { readAll } from './stored.ts'

const hello = { name: 'Ann', message: 'Hello' }

let mongo: MongoMemoryReplSet
beforeAll(async () => { mongo = await startMongo() })
afterAll(async () => { await mongo?.stop() })

const start = async () => { await onlyMember(mongo).start(true) }

/** Ends MongoDB; it runs again after the test at the latest. */
async function stop (): Promise<void> {
  await onlyMember(mongo).stop({ doCleanup: false })
  cleanUp(async () => { if (onlyMember(mongo).state === 'stopped') await start() })
}

/** As a power cut would: no goodbye, nothing written that was not written yet. */
async function kill (): Promise<void> {
  const { instance } = onlyMember(mongo).instanceInfo!
  const exit = once(instance.mongodProcess!, 'exit')
  process.kill(pidOf(onlyMember(mongo)), 'SIGKILL')
  await exit
  await stop() // lets the package notice
}

const answers = async (store: MessageStore) => { await until('the store answers', async () => await store.ping().then(() => true, () => false)) }

async function expectRefusals (...operations: Array<Promise<unknown>>): Promise<void> {
  const refused = await Promise.allSettled(operations)
  expect(refused).toEqual(refused.map(() => ({ status: 'rejected', reason: expect.any(StoreUnavailable) })))
}

test('a store refuses everything while MongoDB is away and finds it by itself, whether it knew it before or not', async () => {
  const uri = freshDatabase(mongo)
  const older = await usableMongoStore(uri)
  const { message } = await older.create(hello, 'key')
  await stop()
  let failures = 0
  const newer = mongoStore(uri, () => { failures++ })
  for (const store of [older, newer]) {
    await expectRefusals(store.create(hello, 'key'), store.create(hello), store.list({ limit: 1 }), store.get(message.id), store.setHidden(message.id, true), store.ping())
  }
  await until('the newer store has failed to connect once', () => failures > 0)
  await start()
  for (const store of [older, newer]) {
    await answers(store)
    expect(await store.create(hello, 'key')).toEqual({ outcome: 'replayed', message })
    expect(await readAll(store)).toEqual([message])
  }
})

test('a store that waits for MongoDB can be closed at once and then tries no more', async () => {
  const uri = freshDatabase(mongo)
  await stop()
  let failures = 0
  const store = mongoStore(uri, () => { failures++ })
  const begin = performance.now()
  await store.close()
  expect(performance.now() - begin).toBeLessThan(3000)
  await setImmediate()
  expect(failures).toBe(0)
})

test('every acknowledged message outlasts MongoDB and its client being killed while they write', async () => {
  const uri = freshDatabase(mongo)
  const writer = startWriter({ MONGODB_URI: uri })
  await writer.untilAcknowledged(300)
  await kill()
  await writer.kill()
  await start()
  await expectComplete(await usableMongoStore(uri), writer.acknowledged())
})

test('a writer goes on through a killed and restarted MongoDB without a message lost or doubled', async () => {
  const uri = freshDatabase(mongo)
  const writer = startWriter({ MONGODB_URI: uri })
  await writer.untilAcknowledged(100)
  await kill()
  await start()
  await writer.untilAcknowledged(writer.acknowledged().length + 100)
  await writer.kill()
  await expectComplete(await usableMongoStore(uri), writer.acknowledged())
})

test('a mongod that belongs to no replica set is not used, and the log says what to do', async () => {
  const mongod = await startLoneMongod()
  cleanUp(async () => { await mongod.stop() })
  const reasons: unknown[] = []
  const store = mongoStore(mongod.getUri('guestbook'), error => { reasons.push(error) })
  await until('the store has looked twice', () => reasons.length === 2)
  expect(reasons[0]).toMatchObject({ message: expect.stringMatching(/^This mongod runs alone, .+ mongod --replSet rs0, then rs.initiate\(\)\.$/) })
  await expectRefusals(store.create(hello), store.list({ limit: 1 }), store.ping())
})
