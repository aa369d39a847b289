import { afterAll, beforeAll, describe } from '@jest/globals'
import type { MongoMemoryReplSet } from 'mongodb-memory-server-core'
import { freshDatabase, startMongo, usableMongoStore } from './mongo.ts'
import { storeContract } from './store-contract.ts'

let mongo: MongoMemoryReplSet
beforeAll(async () => { mongo = await startMongo() })
afterAll(async () => { await mongo?.stop() })

describe('the MongoDB store fulfils the contract:', () => {
  storeContract(() => {
    const uri = freshDatabase(mongo)
    return async () => await usableMongoStore(uri)
  })
})
