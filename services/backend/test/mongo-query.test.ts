import { afterAll, beforeAll, expect, jest, test } from '@jest/globals'
import { Collection, MongoClient, type Db, type Document } from 'mongodb'
import type { MongoMemoryReplSet } from 'mongodb-memory-server-core'
import { MongoStore } from '../src/store/mongo-store.ts'
import { cleanUp } from './helper.ts'
import { freshDatabase, startMongo, usableMongoStore } from './mongo.ts'
import { fill } from './stored.ts'

let mongo: MongoMemoryReplSet
beforeAll(async () => { mongo = await startMongo() })
afterAll(async () => { await mongo?.stop() })

/** A store, and the commands in MongoDB's profiler. */
async function profiled (
  options = ''
): Promise<{ store: MongoStore; db: Db; noted: () => Promise<Document[]> }> {
  const uri = freshDatabase(mongo)
  const store = await usableMongoStore(uri + options)
  const client = new MongoClient(uri)
  cleanUp(async () => { await client.close() })
  const db = client.db()
  return {
    store,
    db,
    noted: async () =>
      await db
        .collection('system.profile')
        .find({ ns: /\.messages$/ }, { sort: { ts: 1 } })
        .toArray()
  }
}

test.each([
  ['the newest page', undefined, false],
  ['an older page', 180, false],
  ['the newest page of hidden messages', undefined, true],
  ['an older page of hidden messages', 100, true]
])(
  '%s is read from the index in order, and examines only returned documents',
  async (_page, from, hidden) => {
    const { store, db, noted } = await profiled()
    const messages = await fill(store, 200)
    const hiddenIds = messages.slice(20, 190).map(({ id }) => id)
    await db
      .collection<{ _id: string }>('messages')
      .updateMany({ _id: { $in: hiddenIds } }, { $set: { hidden: true } })
    await db.command({ profile: 2 })
    const found = await store.list({
      limit: 20,
      before: from === undefined ? from : messages[from]!.id,
      hidden
    })
    await db.command({ profile: 0 })

    expect(found).toHaveLength(20)
    const [query, ...others] = await noted()
    expect(others).toEqual([])
    expect(query).toMatchObject({
      planSummary: 'IXSCAN { hidden: 1, _id: -1 }',
      nreturned: 20,
      docsExamined: 20
    })
    expect(query!.keysExamined).toBeLessThanOrEqual(21)
    expect(query).not.toHaveProperty('hasSortStage')
  }
)

test.each([
  ['says nothing', ''],
  ['asks for less', '&w=1&journal=false&readPreference=secondary&readConcernLevel=available']
])(
  'majority writes and primary reads are kept if the connection string %s',
  async (_says, options) => {
    const update = jest.spyOn(Collection.prototype, 'updateOne')
    cleanUp(() => { update.mockRestore() })
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
    const writeConcern = { w: 'majority', j: true, wtimeout: 2000 }
    expect(writes.map(command => command.writeConcern)).toEqual(Array(3).fill(writeConcern))
    expect(writes.map(({ maxTimeMS }) => maxTimeMS)).toEqual([undefined, undefined, 2000])
    expect(writes.map(({ ordered }) => ordered)).toEqual([false, false, undefined])
    // New ids must be above messages that no majority has acknowledged.
    const newestId = { readConcern: { level: 'local' }, maxTimeMS: 700, projection: { _id: 1 } }
    const confirmed = { readConcern: { level: 'majority' }, maxTimeMS: 700, projection: undefined }
    const reads = commands.filter(command => 'find' in command)
    const asked = reads.map(({ readConcern, maxTimeMS, projection }) => ({
      readConcern,
      maxTimeMS,
      projection
    }))
    expect(asked).toEqual([
      newestId, // of the first message
      newestId, // of the second one
      confirmed, // by the key of the first
      confirmed, // the hidden message
      confirmed, // the read message
      { ...confirmed, projection: { idempotencyKey: 0 } } // the list
    ])
    for (const read of reads) expect(read).not.toHaveProperty('$readPreference')

    // The profiler does not record the concern.
    expect(update.mock.calls[0]).toEqual([
      { _id: 'primary' },
      { $inc: { count: 1 } },
      { upsert: true, writeConcern: { w: 'majority', journal: true, wtimeoutMS: 700 } }
    ])
  }
)

test.each([
  ['says nothing', ''],
  ['sets longer timeouts', '?retryWrites=true&appName=other&socketTimeoutMS=60000' +
    '&serverSelectionTimeoutMS=60000&connectTimeoutMS=60000&waitQueueTimeoutMS=60000']
])('no step of the driver takes longer than a write if the URI %s', async (_says, query) => {
  const connect = jest.spyOn(MongoClient.prototype, 'connect')
    .mockRejectedValue(new Error('not now'))
  cleanUp(() => { connect.mockRestore() })
  const store = new MongoStore({ uri: `mongodb://db.example/guestbook${query}`, onRetry: () => {} })
  cleanUp(async () => { await store.close() })
  const { options } = connect.mock.contexts[0] as MongoClient
  expect(options).toMatchObject({
    appName: 'guestbook-backend',
    serverSelectionTimeoutMS: 2200,
    connectTimeoutMS: 2200,
    waitQueueTimeoutMS: 2200,
    socketTimeoutMS: 2200,
    retryWrites: false,
    ignoreUndefined: true,
    dbName: 'guestbook'
  })
  expect(options.readPreference.mode).toBe('primary')
})

test('concurrent posts share commands of up to a hundred', async () => {
  const { store, db, noted } = await profiled()
  await db.command({ profile: 2 })
  const posts = Array.from({ length: 150 }, (_, number) => ({ name: 'Ann', message: `${number}` }))
  await Promise.all(posts.map(async post => await store.create(post)))
  await db.command({ profile: 0 })
  const inserts = (await noted()).filter(({ command }) => 'insert' in command)
  expect(inserts.map(({ ninserted }) => ninserted)).toEqual([1, 100, 49])
})

test('all expired keys are removed, a thousand at a time', async () => {
  const update = jest.spyOn(Collection.prototype, 'updateMany')
  cleanUp(() => { update.mockRestore() })
  const { store, db, noted } = await profiled()
  const documents = Array.from({ length: 1001 }, (_, number) =>
    ({ _id: `${number}`, createdAt: new Date(number), idempotencyKey: `key ${number}` }))
  await db.collection<{ _id: string }>('messages').insertMany(documents)
  await db.command({ profile: 2 })
  expect(await store.forgetKeys(new Date(2000))).toBe(1001)
  await db.command({ profile: 0 })
  const commands = await noted()
  const updates = commands.filter(({ op }) => op === 'update')
  expect(updates.map(({ nModified }) => nModified)).toEqual([1000, 1])
  expect(update.mock.calls.map(([, change, options]) => [change, options]))
    .toEqual(Array(2).fill([{ $unset: { idempotencyKey: 1 } }, { maxTimeMS: 2000 }]))
  const finds = commands.filter(({ command }) => 'find' in command).map(({ command }) => command)
  expect(finds.map(({ limit, maxTimeMS, projection }) => [limit, maxTimeMS, projection]))
    .toEqual(Array(2).fill([1000, 2000, { _id: 1 }]))
})

test('the unique index on keys exists before the store is usable', async () => {
  const { db } = await profiled()
  const hasKey = { idempotencyKey: { $exists: true } }
  expect(await db.collection('messages').indexes()).toEqual([
    { v: 2, key: { _id: 1 }, name: '_id_' },
    { v: 2, key: { hidden: 1, _id: -1 }, name: 'visible_newest_first' },
    {
      v: 2,
      key: { idempotencyKey: 1 },
      name: 'idempotency_key',
      unique: true,
      partialFilterExpression: hasKey
    },
    { v: 2, key: { createdAt: 1 }, name: 'keys_by_age', partialFilterExpression: hasKey }
  ])
})
