import { afterAll, beforeAll, expect, jest, test } from '@jest/globals'
import { Collection, MongoBulkWriteError, type BulkWriteResult, type Document } from 'mongodb'
import type { MongoMemoryReplSet } from 'mongodb-memory-server-core'
import { StoreUnavailable, type MessageStore } from '../src/store/message-store.ts'
import { expectProblem, get, hello, post } from './api.ts'
import { build, cleanUp, until } from './helper.ts'
import {
  freshDatabase, onlyMember, pidOf, startMongo, usableMongoStore, withClient
} from './mongo.ts'
import { concurrentTests } from './scenarios.ts'
import { readAll } from './stored.ts'

const TIME_BOUND_MS = 5000

/** A fail point cannot change while a command waits in it: each scenario uses another. */
let mongos: MongoMemoryReplSet[] = []
let mongo: MongoMemoryReplSet
beforeAll(async () => {
  const args = ['--setParameter', 'enableTestCommands=1']
  mongos = await Promise.all([1, 2, 3, 4].map(async () => await startMongo({ args })))
  mongo = mongos[0]!
}, 60_000)
afterAll(async () => { await Promise.all(mongos.map(async mongo => await mongo.stop())) })

/** Makes the next `times` commands of the stores fail as in `data`. */
async function failNext (data: Document, times = 1, mongo = mongos[0]!): Promise<void> {
  const configure = async (mode: unknown) => await withClient(mongo, async client => {
    const ofStores = { appName: 'guestbook-backend', ...data }
    await client.db('admin').command({ configureFailPoint: 'failCommand', mode, data: ofStores })
  })
  await configure({ times })
  cleanUp(async () => { await configure('off') })
}

/** Running commands of this name in MongoDB. */
async function running (command: string, mongo = mongos[0]!): Promise<Document[]> {
  return await withClient(mongo, async client => await client.db('admin')
    .aggregate([{ $currentOp: {} }, { $match: { [`command.${command}`]: 'messages' } }]).toArray())
}

async function expectUnavailable (answer: Promise<unknown>, boundMs = TIME_BOUND_MS) {
  const start = performance.now()
  await expect(answer).rejects.toBeInstanceOf(StoreUnavailable)
  expect(performance.now() - start).toBeLessThan(boundMs)
}

const NO_MAJORITY = {
  failCommands: ['insert'],
  writeConcernError: { code: 64, errmsg: 'waiting for replication timed out' }
}
/** Longer than the timeout of a write. */
const stall = { blockConnection: true, blockTimeMS: 3500 }

concurrentTests({
  'an insert that stalls until a retry leaves one message': async () => {
    const mongo = mongos[0]!
    const store = await usableMongoStore(freshDatabase(mongo))
    await failNext({ failCommands: ['insert'], ...stall }, 1, mongo)
    await expectUnavailable(store.create(hello, 'key'))
    const retried = await store.create(hello, 'key')
    expect(await readAll(store)).toEqual([retried.message])

    // MongoDB still executes the insert that has timed out.
    await until('the stalled insert has ended', async () =>
      (await running('insert', mongo)).length === 0)
    const again = await store.create(hello, 'key')
    expect(again).toEqual({ outcome: 'replayed', message: retried.message })
    expect(await readAll(store)).toEqual([retried.message])
  },
  'a restore that stalls at the update is given up, and undoes no hide that came since':
    async () => { await restoreStalls('findAndModify', mongos[1]!) },
  'a restore that stalls before the update is given up, and undoes no hide that came since':
    async () => { await restoreStalls('find', mongos[2]!) },
  'every operation with stalled commands times out': async () => {
    const mongo = mongos[3]!
    const store = await usableMongoStore(freshDatabase(mongo))
    const { message } = await store.create(hello)
    await failNext({ failCommands: ['find', 'update', 'findAndModify'], ...stall }, 20, mongo)
    await expectAllUnavailable(store, message.id)
  }
})

/** Visitors wait up to 1 s for a page, and 5 s for a post. */
async function expectAllUnavailable (store: MessageStore, id: string): Promise<void> {
  const reads = [store.list({ limit: 1 }), store.get(id), store.ping()]
  const writes = [store.create(hello, 'key'), store.create(hello, 'key'), store.setHidden(id, true)]
  await Promise.all([
    ...reads.map(async read => { await expectUnavailable(read, 2000) }),
    ...writes.map(async write => { await expectUnavailable(write) })
  ])
}

async function restoreStalls (command: string, mongo: MongoMemoryReplSet): Promise<void> {
  const store = await usableMongoStore(freshDatabase(mongo))
  const { message } = await store.create(hello)
  await store.setHidden(message.id, true)
  await failNext({ failCommands: [command], ...stall }, 1, mongo)
  await expectUnavailable(store.setHidden(message.id, false))
  const hidden = await store.setHidden(message.id, true)
  expect(hidden).toMatchObject({ hidden: true, version: 2 })

  await until('MongoDB has carried out what nobody waits for any more', async () =>
    (await running(command, mongo)).length === 0)
  expect(await store.get(message.id)).toEqual(hidden)
}

test('a message without a confirmed majority is not acknowledged; the retry finds it', async () => {
  const store = await usableMongoStore(freshDatabase(mongo))
  await failNext(NO_MAJORITY, 2)
  await expectUnavailable(store.create(hello, 'key'))
  const retried = await store.create(hello, 'key')
  expect(retried.outcome).toBe('replayed')
  expect(await readAll(store)).toEqual([retried.message])
})

const fresh = { name: 'Ben', message: 'In the same batch' }

/** The first is written alone; the others share the next insert. */
async function createThree (store: MessageStore) {
  return await Promise.allSettled([
    store.create({ name: 'Cem', message: 'First' }, 'first'),
    store.create(hello, 'key'),
    store.create(fresh, 'fresh')
  ])
}

test('a missing majority fails the whole batch, even if one message is rejected', async () => {
  const store = await usableMongoStore(freshDatabase(mongo))
  await store.create(hello, 'key')
  await failNext(NO_MAJORITY, 4)
  const answers = await createThree(store)
  const unavailable = { status: 'rejected', reason: expect.any(StoreUnavailable) }
  expect(answers).toEqual([unavailable, unavailable, unavailable])
  expect(await store.create(fresh, 'fresh')).toMatchObject({ outcome: 'replayed', message: fresh })
  expect(await readAll(store)).toHaveLength(3)
})

test('the same if the driver reports rejections and a missing majority at once', async () => {
  const store = await usableMongoStore(freshDatabase(mongo))
  const known = await store.create(hello, 'key')
  const { insertMany } = Collection.prototype
  const insert = jest.spyOn(Collection.prototype, 'insertMany')
    .mockImplementation(async function (this: Collection, documents, options) {
      const written = insertMany.call(this, documents, options)
      if (documents.length === 1) return await written
      const error = await written.catch(error => error) as MongoBulkWriteError
      const writeErrors = [error.writeErrors ?? []].flat()
      const insertedCount = documents.length - writeErrors.length
      const result = { insertedCount, getWriteConcernError: () => ({ code: 64 }) }
      const message = 'waiting for replication timed out'
      throw new MongoBulkWriteError({ message, code: 64, writeErrors }, result as BulkWriteResult)
    })
  cleanUp(() => { insert.mockRestore() })
  const answers = await createThree(store)
  expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected'])
  expect(await store.create(hello, 'key')).toEqual({ ...known, outcome: 'replayed' })
  expect(await store.create(fresh, 'fresh')).toMatchObject({ outcome: 'replayed', message: fresh })
})

test('a message without a confirmed majority is retried once, and stored once', async () => {
  const store = await usableMongoStore(freshDatabase(mongo))
  await failNext(NO_MAJORITY)
  const created = await store.create(hello)
  expect(created.outcome).toBe('created')
  expect(await readAll(store)).toEqual([created.message])
})

test('the API responds 503 to an unknown outcome, and 201 to the retry', async () => {
  const { app, service } = await build({ store: await usableMongoStore(freshDatabase(mongo)) })
  const send = async () =>
    await post(app, { name: 'Secretname', message: 'Secrettext' }, { 'idempotency-key': 'key' })
  await failNext(NO_MAJORITY, 2)
  const rejected = await send()
  expectProblem(rejected, {
    status: 503,
    kind: 'store-unavailable',
    detail: 'The store is unavailable. Try again with the same Idempotency-Key.'
  })
  expect(rejected.headers['retry-after']).toBe('2')
  const retried = await send()
  expect([retried.statusCode, retried.headers['idempotency-replayed']]).toEqual([201, 'true'])
  expect((await get(app)).json()).toEqual({ messages: [retried.json()], nextCursor: null })
  expect(JSON.stringify(service.lines)).toContain('waiting for replication timed out')
  expect(JSON.stringify(service.lines)).not.toContain('Secret')
})

test('a connection lost during an insert is hidden from the caller', async () => {
  const store = await usableMongoStore(freshDatabase(mongo))
  await failNext({ failCommands: ['insert'], closeConnection: true })
  const plain = await store.create(hello)
  await failNext({ failCommands: ['insert'], closeConnection: true })
  const keyed = await store.create(hello, 'key')
  expect([plain.outcome, keyed.outcome]).toEqual(['created', 'created'])
  expect(await readAll(store)).toEqual([keyed.message, plain.message])
})

test('a retried message sorts above messages stored meanwhile', async () => {
  const uri = freshDatabase(mongo)
  const [store, other] = [await usableMongoStore(uri), await usableMongoStore(uri)]
  await failNext({ ...stall, failCommands: ['insert'], blockTimeMS: 500, closeConnection: true })
  const slow = store.create({ name: 'Ann', message: 'slow' })
  await until('its insert stalls', async () => (await running('insert')).length === 1)
  const quick = await other.create({ name: 'Ben', message: 'quick' })
  const { message } = await slow
  expect(await readAll(store)).toEqual([message, quick.message])
})

test.each([
  { when: 'early', afterMs: 0, outcome: 'created', stored: 1 },
  { when: 'late', afterMs: 1100, outcome: 'unavailable', stored: 0 }
])('an insert interrupted $when is $outcome', async ({ afterMs, outcome, stored }) => {
  const store = await usableMongoStore(freshDatabase(mongo))
  await failNext({ failCommands: ['insert'], closeConnection: true })
  const [now, insertMany] = [performance.now.bind(performance), Collection.prototype.insertMany]
  let passedMs = 0
  const clock = jest.spyOn(performance, 'now').mockImplementation(() => now() + passedMs)
  const insert = jest.spyOn(Collection.prototype, 'insertMany')
    .mockImplementation(async function (this: Collection, ...args) {
      passedMs = afterMs
      return await insertMany.apply(this, args)
    })
  cleanUp(() => { clock.mockRestore(); insert.mockRestore() })
  const answer = store.create(hello).then(created => created.outcome, error =>
    error instanceof StoreUnavailable ? 'unavailable' : error)
  expect(await answer).toBe(outcome)
  expect(await readAll(store)).toHaveLength(stored)
})

test('a moderation that loses its connection is retried unless it names a version', async () => {
  const store = await usableMongoStore(freshDatabase(mongo))
  const { message } = await store.create(hello)
  const lost = { failCommands: ['findAndModify'], closeConnection: true }
  await failNext(lost)
  expect(await store.setHidden(message.id, true)).toMatchObject({ hidden: true, version: 1 })
  await failNext(lost)
  await expectUnavailable(store.setHidden(message.id, false, 1))
  expect(await store.get(message.id)).toMatchObject({ hidden: true, version: 1 })
})

test('while MongoDB hangs, calls time out, and the inserts become one', async () => {
  const store = await usableMongoStore(freshDatabase(mongo))
  const { message: first } = await store.create({ name: 'Ben', message: 'Before' })
  const pid = pidOf(onlyMember(mongo))
  process.kill(pid, 'SIGSTOP')
  cleanUp(() => { process.kill(pid, 'SIGCONT') })
  await expectAllUnavailable(store, first.id)
  process.kill(pid, 'SIGCONT')
  await until('the store answers again', async () =>
    await store.ping().then(() => true, () => false))
  const retried = await store.create(hello, 'key')
  expect(await readAll(store)).toEqual([retried.message, first])
})
