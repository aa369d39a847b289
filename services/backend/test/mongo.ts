import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { MongoClient } from 'mongodb'
import { MongoMemoryReplSet, MongoMemoryServer } from 'mongodb-memory-server-core'
import { MongoStore } from '../src/store/mongo-store.ts'
import { cleanUp, until } from './helper.ts'

const INSTALLED = fileURLToPath(new URL('../../../.tools/mongod/mongod', import.meta.url))
// Any version of mongod works; disables the warning about another version.
process.env.MONGOMS_SYSTEM_BINARY_VERSION_CHECK ??= 'false'

export interface MongoOptions {
  /** Members of the replica set. The first stays primary while the others are frozen. */
  count?: number
  /** Additional arguments of every mongod. */
  args?: string[]
}

/** Path of mongod. Fails if there is none, and never skips tests. */
function installedMongod (): string {
  const systemBinary = process.env.MONGOMS_SYSTEM_BINARY ?? INSTALLED
  if (!existsSync(systemBinary)) {
    throw new Error(
      `There is no mongod at ${systemBinary}. ` +
        'Run `make test-tools`, or set MONGOMS_SYSTEM_BINARY to the path of one.'
    )
  }
  return systemBinary
}

/** A standalone mongod on a free port. */
export async function startLoneMongod (): Promise<MongoMemoryServer> {
  return await MongoMemoryServer.create({
    binary: { systemBinary: installedMongod(), checkMD5: false },
    instance: { storageEngine: 'wiredTiger' }
  })
}

/** A real MongoDB replica set on free ports. */
export async function startMongo ({
  count = 1,
  args = []
}: MongoOptions = {}): Promise<MongoMemoryReplSet> {
  const mongo = await MongoMemoryReplSet.create({
    binary: { systemBinary: installedMongod(), checkMD5: false },
    instanceOpts: Array.from({ length: count }, (_, member) => ({
      args,
      storageEngine: 'wiredTiger' as const,
      replicaMemberConfig: { priority: member === 0 ? 1 : 0 }
    })),
    replSet: {
      count,
      storageEngine: 'wiredTiger',
      configSettings: { electionTimeoutMillis: 500, heartbeatIntervalMillis: 100 }
    }
  })
  if (count > 1) await keepPrimary(mongo)
  return mongo
}

/** After the first, fast election, prevents elections because of a slow member. */
async function keepPrimary (mongo: MongoMemoryReplSet): Promise<void> {
  await withClient(mongo, async client => {
    const admin = client.db('admin')
    // Until then an election can interrupt this on a busy computer: retry.
    let failure: unknown
    const reconfigure = async () => {
      const { config } = await admin.command({ replSetGetConfig: 1 })
      config.version += 1
      config.settings.electionTimeoutMillis = 60_000
      await admin.command({ replSetReconfig: config })
    }
    await until(
      'the configuration with a long election timeout is accepted',
      async () =>
        await reconfigure().then(
          () => true,
          error => {
            failure = error
            return false
          }
        )
    ).catch(error => { throw new Error(error.message, { cause: failure }) })
    await until('every other member is a secondary', async () => {
      const { members } = await admin.command({ replSetGetStatus: 1 })
      return (
        members.filter(({ stateStr }: { stateStr: string }) => stateStr === 'SECONDARY')
          .length ===
        members.length - 1
      )
    })
  })
}

export async function withClient<T> (
  mongo: MongoMemoryReplSet,
  work: (client: MongoClient) => Promise<T>
): Promise<T> {
  const client = new MongoClient(mongo.getUri())
  try {
    return await work(client)
  } finally {
    await client.close()
  }
}

export const onlyMember = (mongo: MongoMemoryReplSet): MongoMemoryServer => mongo.servers[0]!

export const pidOf = (server: MongoMemoryServer): number =>
  server.instanceInfo!.instance.mongodProcess!.pid!

/** The connection string of an unused database. */
export const freshDatabase = (mongo: MongoMemoryReplSet): string =>
  mongo.getUri(`test-${randomUUID()}`)

/** A store that is closed after the test. It may not be ready yet. */
export function mongoStore (uri: string, onRetry: (error: unknown) => void = () => {}): MongoStore {
  const store = new MongoStore({ uri, onRetry })
  cleanUp(async () => { await store.close() })
  return store
}

export async function usableMongoStore (uri: string): Promise<MongoStore> {
  const store = mongoStore(uri)
  await until('the store answers', async () => await store.ping().then(() => true, () => false))
  return store
}
