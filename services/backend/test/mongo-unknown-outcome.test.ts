import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { Document } from 'mongodb'
import type { MongoMemoryReplSet } from 'mongodb-memory-server-core'
import { StoreUnavailable } from '../src/store/message-store.ts'
import { expectProblem, get, post } from './api.ts'
import { build, cleanUp, until } from './helper.ts'
import { freshDatabase, onlyMember, pidOf, startMongo, usableMongoStore, withClient } from './mongo.ts'
import { readAll } from './stored.ts'

const hello = { name: 'Ann', message: 'Hello' }
const TIME_BOUND_MS = 5000
const STALL_MS = 4500

let mongo: MongoMemoryReplSet
beforeAll(async () => { mongo = await startMongo({ args: ['--setParameter', 'enableTestCommands=1'] }) })
afterAll(async () => { await mongo?.stop() })

/** Makes the next `times` commands of the store fail as `data` says. */
async function failNext (data: Document, times = 1): Promise<void> {
  const configure = async (mode: unknown) => await withClient(mongo, async client =>
    await client.db('admin').command({ configureFailPoint: 'failCommand', mode, data: { appName: 'guestbook-backend', ...data } }))
  await configure({ times })
  cleanUp(async () => { await configure('off') })
}

/** Commands of this name that MongoDB has under way. */
async function running (command: string): Promise<Document[]> {
  return await withClient(mongo, async client => await client.db('admin')
    .aggregate([{ $currentOp: {} }, { $match: { [`command.${command}`]: 'messages' } }]).toArray())
}

async function expectUnavailable (answer: Promise<unknown>): Promise<void> {
  const start = performance.now()
  await expect(answer).rejects.toBeInstanceOf(StoreUnavailable)
  expect(performance.now() - start).toBeLessThan(TIME_BOUND_MS)
}

test('an insert that stalls until the client has given up and tried again leaves one message', async () => {
  const store = await usableMongoStore(freshDatabase(mongo))
  await failNext({ failCommands: ['insert'], blockConnection: true, blockTimeMS: STALL_MS })
  const stalled = store.create(hello, 'key')
  await expectUnavailable(stalled)
  const retried = await store.create(hello, 'key')
  expect(await readAll(store)).toEqual([retried.message])

  // MongoDB still carries out the insert that nobody waits for any more.
  await until('the stalled insert has ended', async () => (await running('insert')).length === 0)
  expect(await store.create(hello, 'key')).toEqual({ outcome: 'replayed', message: retried.message })
  expect(await readAll(store)).toEqual([retried.message])
})

test('a message whose majority is in doubt is not acknowledged, and the retry finds it', async () => {
  const store = await usableMongoStore(freshDatabase(mongo))
  await failNext({ failCommands: ['insert'], writeConcernError: { code: 64, errmsg: 'waiting for replication timed out' } }, 2)
  await expectUnavailable(store.create(hello, 'key'))
  const retried = await store.create(hello, 'key')
  expect(retried.outcome).toBe('replayed')
  expect(await readAll(store)).toEqual([retried.message])
})

test('a message whose majority is in doubt once is written again, and there is one of it', async () => {
  const store = await usableMongoStore(freshDatabase(mongo))
  await failNext({ failCommands: ['insert'], writeConcernError: { code: 64, errmsg: 'waiting for replication timed out' } })
  const created = await store.create(hello)
  expect(created.outcome).toBe('created')
  expect(await readAll(store)).toEqual([created.message])
})

test('the API answers an outcome in doubt with 503 and the retry with the one message, and logs no word of it', async () => {
  const { app, service } = await build({ store: await usableMongoStore(freshDatabase(mongo)) })
  const send = async () => await post(app, { name: 'Secretname', message: 'Secrettext' }, { 'idempotency-key': 'key' })
  await failNext({ failCommands: ['insert'], writeConcernError: { code: 64, errmsg: 'waiting for replication timed out' } }, 2)
  const refused = await send()
  expectProblem(refused, { status: 503, kind: 'store-unavailable', detail: 'Messages cannot be read or stored just now. Try again with the same Idempotency-Key.' })
  expect(refused.headers['retry-after']).toBe('2')
  const retried = await send()
  expect([retried.statusCode, retried.headers['idempotency-replayed']]).toEqual([201, 'true'])
  expect((await get(app)).json()).toEqual({ messages: [retried.json()], nextCursor: null })
  expect(JSON.stringify(service.lines)).toContain('waiting for replication timed out')
  expect(JSON.stringify(service.lines)).not.toContain('Secret')
})

test('a connection that breaks during an insert is not seen by the caller, with or without a key', async () => {
  const store = await usableMongoStore(freshDatabase(mongo))
  await failNext({ failCommands: ['insert'], closeConnection: true })
  const plain = await store.create(hello)
  await failNext({ failCommands: ['insert'], closeConnection: true })
  const keyed = await store.create(hello, 'key')
  expect([plain.outcome, keyed.outcome]).toEqual(['created', 'created'])
  expect(await readAll(store)).toEqual([keyed.message, plain.message])
})

test.each([
  ['at the update', 'findAndModify'],
  ['before it', 'find']
])('a restore that stalls %s is given up, and undoes no hide that was acknowledged since', async (_where, command) => {
  const store = await usableMongoStore(freshDatabase(mongo))
  const { message } = await store.create(hello)
  await store.setHidden(message.id, true)
  await failNext({ failCommands: [command], blockConnection: true, blockTimeMS: STALL_MS })
  await expectUnavailable(store.setHidden(message.id, false))
  const hidden = await store.setHidden(message.id, true)
  expect(hidden).toMatchObject({ hidden: true, version: 2 })

  await until('MongoDB has carried out what nobody waits for any more', async () => (await running(command)).length === 0)
  expect(await store.get(message.id)).toEqual(hidden)
})

test('a message whose insert has to be repeated sorts above those that were stored meanwhile', async () => {
  const uri = freshDatabase(mongo)
  const [store, other] = [await usableMongoStore(uri), await usableMongoStore(uri)]
  await failNext({ failCommands: ['insert'], blockConnection: true, blockTimeMS: 500, closeConnection: true })
  const slow = store.create({ name: 'Ann', message: 'slow' })
  await until('its insert stalls', async () => (await running('insert')).length === 1)
  const quick = await other.create({ name: 'Ben', message: 'quick' })
  const { message } = await slow
  expect(await readAll(store)).toEqual([message, quick.message])
})

test('every operation that stalls is given up in time', async () => {
  const store = await usableMongoStore(freshDatabase(mongo))
  const { message } = await store.create(hello)
  await failNext({ failCommands: ['find', 'update', 'findAndModify'], blockConnection: true, blockTimeMS: STALL_MS }, 10)
  await Promise.all([store.list({ limit: 1 }), store.get(message.id), store.setHidden(message.id, true), store.ping()].map(expectUnavailable))
})

test('a server that stands still is given up in time, and one insert is made of all that was tried meanwhile', async () => {
  const store = await usableMongoStore(freshDatabase(mongo))
  const pid = pidOf(onlyMember(mongo))
  process.kill(pid, 'SIGSTOP')
  cleanUp(() => { process.kill(pid, 'SIGCONT') })
  await Promise.all([store.create(hello, 'key'), store.create(hello, 'key'), store.list({ limit: 1 })].map(expectUnavailable))
  process.kill(pid, 'SIGCONT')
  await until('the store answers again', async () => await store.ping().then(() => true, () => false))
  const retried = await store.create(hello, 'key')
  expect(await readAll(store)).toEqual([retried.message])
})
