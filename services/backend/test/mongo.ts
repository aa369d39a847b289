import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { MongoMemoryReplSet } from 'mongodb-memory-server-core'

const INSTALLED = fileURLToPath(new URL('../../../.tools/mongod/mongod', import.meta.url))

/** A real MongoDB replica set on free ports. Fails, never skips, where there is no mongod. */
export async function startMongo ({ count = 1, args = [] as string[] } = {}): Promise<MongoMemoryReplSet> {
  const systemBinary = process.env.MONGOMS_SYSTEM_BINARY ?? INSTALLED
  if (!existsSync(systemBinary)) {
    throw new Error(`There is no mongod at ${systemBinary}. Run \`make test-tools\`, or set MONGOMS_SYSTEM_BINARY to the path of one.`)
  }
  return await MongoMemoryReplSet.create({
    binary: { systemBinary, checkMD5: false },
    instanceOpts: Array.from({ length: count }, () => ({ args, storageEngine: 'wiredTiger' as const })),
    replSet: { count, storageEngine: 'wiredTiger', configSettings: { electionTimeoutMillis: 60_000 } }
  })
}
