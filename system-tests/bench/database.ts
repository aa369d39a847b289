import { mkdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { randomBytes } from 'node:crypto'
import { MongoClient } from 'mongodb'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from '../lib/free-port.ts'
import { ServerProcess } from '../lib/server-process.ts'

/** A mongod of one's own, or that of scripts/install-mongod. */
export const MONGOD =
  process.env.MONGOMS_SYSTEM_BINARY ??
  fileURLToPath(new URL('../../.tools/mongod/mongod', import.meta.url))
const BATCH = 10_000

/** One mongod, a replica set of its own, with a database for every contestant. */
export class Database {
  readonly server: ServerProcess
  readonly #address: string

  /** Started, and primary. */
  static async start (folder: string): Promise<Database> {
    const database = new Database(folder, await freePort())
    await database.server.start()
    const client = new MongoClient(`mongodb://${database.#address}/?directConnection=true`)
    try {
      await client
        .db('admin')
        .command({
          replSetInitiate: { _id: 'rs0', members: [{ _id: 0, host: database.#address }] }
        })
      while (!(await client.db('admin').command({ hello: 1 })).isWritablePrimary) await sleep(50)
    } finally {
      await client.close()
    }
    return database
  }

  private constructor (folder: string, port: number) {
    mkdirSync(`${folder}/mongod`)
    this.#address = `127.0.0.1:${port}`
    this.server = new ServerProcess({
      command: MONGOD,
      args: [
        '--replSet',
        'rs0',
        '--bind_ip',
        '127.0.0.1',
        '--port',
        `${port}`,
        '--dbpath',
        `${folder}/mongod`,
        '--wiredTigerCacheSizeGB',
        '1',
        '--quiet'
      ],
      log: `${folder}/mongod.log`
    })
  }

  uri (name: string): string { return `mongodb://${this.#address}/${name}?replicaSet=rs0` }

  /** Gives the database `count` messages, the same in number and size for everyone. Resolves to their ids, oldest first. */
  async seed (name: string, count: number): Promise<string[]> {
    const client = await MongoClient.connect(this.uri(name))
    const ids: string[] = []
    try {
      const messages = client.db().collection<{ _id: string }>('messages')
      const now = Date.now()
      for (let done = 0; done < count; done += BATCH) {
        const batch = Array.from({ length: Math.min(BATCH, count - done) }, (_, index) =>
          messageAt(now - count + done + index)
        )
        ids.push(...batch.map(({ _id }) => _id))
        await messages.insertMany(batch, { ordered: false })
      }
    } finally {
      await client.close()
    }
    return ids
  }

  /** Writes all that is still to be written, which would otherwise happen while something is measured. */
  async settle (): Promise<void> {
    const client = await MongoClient.connect(this.uri('admin'))
    try {
      await client.db('admin').command({ fsync: 1 })
    } finally {
      await client.close()
    }
  }
}

function messageAt (time: number) {
  // A UUID of version 7: sorts by its time.
  const hex =
    time.toString(16).padStart(12, '0') +
    '7' +
    randomBytes(2).toString('hex').slice(1) +
    '8' +
    randomBytes(8).toString('hex').slice(1)
  const _id = hex.replace(/(.{8})(.{4})(.{4})(.{4})(.{12})/, '$1-$2-$3-$4-$5')
  return {
    _id,
    name: 'A guest of the benchmark',
    message: `Hello from ${_id}. `.padEnd(140, 'It was lovely. '),
    createdAt: new Date(time),
    hidden: false
  }
}
