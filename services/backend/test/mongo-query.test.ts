import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { MongoClient, type Db, type Document } from 'mongodb'
import type { MongoMemoryReplSet } from 'mongodb-memory-server-core'
import type { MongoStore } from '../src/store/mongo-store.ts'
import { cleanUp } from './helper.ts'
import { freshDatabase, startMongo, usableMongoStore } from './mongo.ts'
import { fill } from './stored.ts'

let mongo: MongoMemoryReplSet
beforeAll(async () => { mongo = await startMongo() })
afterAll(async () => { await mongo?.stop() })

/** A store, and what MongoDB's own profiler notes about the commands that reach it. */
async function profiled (options = ''): Promise<{ store: MongoStore, db: Db, noted: () => Promise<Document[]> }> {
  const uri = freshDatabase(mongo)
  const store = await usableMongoStore(uri + options)
  const client = new MongoClient(uri)
  cleanUp(async () => { await client.close() })
  const db = client.db()
  return {
    store,
    db,
    noted: async () => await db.collection('system.profile').find({ ns: /\.messages$/ }, { sort: { ts: 1 } }).toArray()
  }
}

test.each([
  ['the newest page', undefined, false],
  ['an older page', 180, false],
  ['the newest page of hidden messages', undefined, true],
  ['an older page of hidden messages', 100, true]
])('%s is read from the index in order, touching nothing but what it returns', async (_page, from, hidden) => {
  const { store, db, noted } = await profiled()
  const messages = await fill(store, 200)
  const hiddenIds = messages.slice(20, 190).map(({ id }) => id)
  await db.collection<{ _id: string }>('messages').updateMany({ _id: { $in: hiddenIds } }, { $set: { hidden: true } })
  await db.command({ profile: 2 })
  const found = await store.list({ limit: 20, before: from === undefined ? from : messages[from]!.id, hidden })
  await db.command({ profile: 0 })

  expect(found).toHaveLength(20)
  const [query, ...others] = await noted()
  expect(others).toEqual([])
  expect(query).toMatchObject({ planSummary: 'IXSCAN { hidden: 1, _id: -1 }', nreturned: 20, docsExamined: 20 })
  expect(query!.keysExamined).toBeLessThanOrEqual(21)
  expect(query).not.toHaveProperty('hasSortStage')
})

test.each([
  ['says nothing', ''],
  ['asks for less', '&w=1&journal=false&readPreference=secondary&readConcernLevel=available']
])('writes are journaled by a majority and reads go to the primary when the connection string %s', async (_says, options) => {
  const { store, db, noted } = await profiled(options)
  await db.command({ profile: 2 })
  const { message } = await store.create({ name: 'Ann', message: 'Hello' }, 'key')
  await store.create({ name: 'Ann', message: 'Hello' }, 'key')
  await store.setHidden(message.id, true)
  await store.get(message.id)
  await store.list({ limit: 1 })
  await db.command({ profile: 0 })

  const commands = (await noted()).map(({ command }) => command)
  const writes = commands.filter(command => 'insert' in command || 'findAndModify' in command)
  expect(writes.map(({ writeConcern }) => writeConcern)).toEqual(Array(3).fill({ w: 'majority', j: true, wtimeout: expect.any(Number) }))
  const reads = commands.filter(command => 'find' in command)
  expect(new Set(reads.map(({ readConcern }) => readConcern.level))).toEqual(new Set(['majority', 'local']))
  // Only the id that new ones have to be above may be one that no majority has.
  for (const read of reads.filter(({ readConcern }) => readConcern.level === 'local')) expect(read.projection).toEqual({ _id: 1 })
  for (const read of reads) {
    expect(read.maxTimeMS).toEqual(expect.any(Number))
    expect(read).not.toHaveProperty('$readPreference')
  }
})

test('the keys of the messages have a unique index from the moment the store is usable', async () => {
  const { db } = await profiled()
  const hasKey = { idempotencyKey: { $exists: true } }
  expect(await db.collection('messages').indexes()).toEqual([
    { v: 2, key: { _id: 1 }, name: '_id_' },
    { v: 2, key: { hidden: 1, _id: -1 }, name: 'visible_newest_first' },
    { v: 2, key: { idempotencyKey: 1 }, name: 'idempotency_key', unique: true, partialFilterExpression: hasKey },
    { v: 2, key: { createdAt: 1 }, name: 'keys_by_age', partialFilterExpression: hasKey }
  ])
})
