import { randomBytes } from 'node:crypto'
import { MongoClient } from 'mongodb'
import { freePort } from './free-port.ts'
import { createMongod, initiateReplicaSet } from './mongod.ts'
import type { ServerProcess } from './server-process.ts'

const BATCH = 10_000

/** A mongod that several programs share, each with a database of its own. */
export class Database {
  readonly server: ServerProcess
  readonly #port: number

  /** Started, and ready for writes. */
  static async start (folder: string): Promise<Database> {
    const port = await freePort()
    const args = ['--wiredTigerCacheSizeGB', '1', '--quiet']
    const server = createMongod({ folder, port, args })
    await server.start()
    await initiateReplicaSet(port)
    return new Database(server, port)
  }

  private constructor (server: ServerProcess, port: number) {
    this.server = server
    this.#port = port
  }

  uri (name: string): string { return `mongodb://127.0.0.1:${this.#port}/${name}?replicaSet=rs0` }

  /** Inserts `count` messages of one size. Resolves to their ids, oldest first. */
  async seed (name: string, count: number): Promise<string[]> {
    return await this.#withClient(name, async client => {
      const ids: string[] = []
      const messages = client.db().collection<{ _id: string }>('messages')
      const now = Date.now()
      for (let done = 0; done < count; done += BATCH) {
        const batch = Array.from({ length: Math.min(BATCH, count - done) }, (_, index) =>
          messageAt(now - count + done + index)
        )
        ids.push(...batch.map(({ _id }) => _id))
        await messages.insertMany(batch, { ordered: false })
      }
      return ids
    })
  }

  /** Flushes what would otherwise be written during a measurement. */
  async flush (): Promise<void> {
    await this.#withClient('admin', async client => await client.db('admin').command({ fsync: 1 }))
  }

  async #withClient<T> (name: string, use: (client: MongoClient) => Promise<T>): Promise<T> {
    const client = await MongoClient.connect(this.uri(name))
    try {
      return await use(client)
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
