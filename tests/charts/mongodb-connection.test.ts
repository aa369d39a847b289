import { expect, test } from '@jest/globals'
import { runInMongosh } from './mongosh.ts'
import { mongoError } from './replica-set.ts'

const URI = 'mongodb://guestbook:it.s@db-0.db.guestbook.svc:27017/guestbook?replicaSet=rs0'
const NOT_AUTHORISED = 13
const AUTHENTICATION_FAILED = 18
const refuse = (code: number) => () => { throw mongoError(code) }

interface Answers {
  findOne: unknown
  findOneAndUpdate: unknown
  deleteOne: unknown
  elsewhere: () => unknown
  users: () => unknown
  wrongPassword: () => unknown
}
/** Answers of a healthy MongoDB. */
const RIGHT: Answers = {
  findOne: { key: 1 },
  findOneAndUpdate: { key: 1, hidden: true },
  deleteOne: { deletedCount: 1 },
  elsewhere: refuse(NOT_AUTHORISED),
  users: refuse(NOT_AUTHORISED),
  wrongPassword: refuse(AUTHENTICATION_FAILED)
}

/** Runs the script of the pod of `helm test` and records its commands. */
async function connection (answers: Partial<Answers> = {}) {
  const all = { ...RIGHT, ...answers }
  const asked: unknown[] = []
  const ask = (method: string, answer: unknown) => (...args: unknown[]) => {
    asked.push([method, ...args])
    return answer
  }
  const scratch = (name: string) => {
    asked.push(['collection', name.replace(/^helm_test_[a-z0-9]+$/, 'scratch')])
    return {
      createIndex: ask('createIndex', 'key_1'),
      insertOne: ask('insertOne', { acknowledged: true }),
      findOne: ask('findOne', all.findOne),
      findOneAndUpdate: ask('findOneAndUpdate', all.findOneAndUpdate),
      deleteOne: ask('deleteOne', all.deleteOne),
      drop: ask('drop', true)
    }
  }
  const sibling = (database: string) => ({
    getCollection: (collection: string) => ({
      findOne: () => {
        asked.push([database, collection])
        return (database === 'admin' ? all.users : all.elsewhere)()
      }
    })
  })
  const connect = (uri: string) => {
    asked.push(['connect', uri])
    return uri === URI ? { getCollection: scratch, getSiblingDB: sibling } : all.wrongPassword()
  }
  return { ...await runInMongosh('test.js', { MONGODB_URI: URI }, {}, { connect }), asked }
}

test('helm test creates, reads, updates and deletes a document', async () => {
  expect(await connection()).toEqual({
    status: 0,
    log: [
      'ok: wrote, read, changed and deleted a document', 'ok: refused another database',
      'ok: refused the list of users', 'ok: refused a wrong password'
    ],
    asked: [
      ['connect', URI],
      ['collection', 'scratch'],
      ['createIndex', { key: 1 }, { unique: true }],
      ['insertOne', { key: 1 }, { writeConcern: { w: 'majority', j: true } }],
      ['findOne', { key: 1 }, {}, { readConcern: 'linearizable', maxTimeMS: 5000 }],
      ['findOneAndUpdate', { key: 1 }, { $set: { hidden: true } }, { returnDocument: 'after' }],
      ['deleteOne', { key: 1 }],
      ['drop'],
      ['elsewhere', 'messages'],
      ['admin', 'system.users'],
      ['connect', URI.replace('it.s', 'wrong')]
    ]
  })
})

const nothing = () => null
const WRONG: Array<[answers: Partial<Answers>, line: string]> = [
  [{ findOne: null }, 'the written document was not read'],
  [{ findOne: { key: 2 } }, 'the written document was not read'],
  [{ findOneAndUpdate: null }, 'not updated'],
  [{ findOneAndUpdate: { key: 1 } }, 'not updated'],
  [{ deleteOne: { deletedCount: 0 } }, 'not deleted'],
  [{ elsewhere: nothing }, 'not refused: another database'],
  [{ users: nothing }, 'not refused: the list of users'],
  [{ wrongPassword: nothing }, 'not refused: a wrong password'],
  [{ elsewhere: refuse(AUTHENTICATION_FAILED) }, 'code 18'],
  [{ users: refuse(AUTHENTICATION_FAILED) }, 'code 18'],
  [{ wrongPassword: refuse(NOT_AUTHORISED) }, 'code 13']
]
test.each(WRONG)('helm test of a MongoDB with %j fails: %s', async (answers, line) => {
  const { status, log, asked } = await connection(answers)
  expect({ status, last: log.at(-1) }).toEqual({ status: 1, last: line })
  expect(asked).toContainEqual(['drop'])
})
