import { setTimeout as sleep } from 'node:timers/promises'
import { MongoClient, type Db, type Document, type MongoClientOptions } from 'mongodb'
import { freePort } from '../lib/free-port.ts'
import { createMongod } from '../lib/mongod.ts'
import type { ServerProcess } from '../lib/server-process.ts'
import type { TestEnvironment } from '../lib/test-environment.ts'
import { until } from '../lib/until.ts'
import type { Network } from './network.ts'

/** Time without a heartbeat of the primary until an election. MongoDB's default is 10,000. */
export const ELECTION_TIMEOUT_MS = 6000
/** Timeout of an election, a rollback or a start on a busy computer. */
const SETTLE_TIMEOUT_MS = 90_000

/** A member that hangs must not delay commands to the others. */
const ANSWER_MS = 2000
const CLIENT_OPTIONS: MongoClientOptions = {
  serverSelectionTimeoutMS: ANSWER_MS,
  connectTimeoutMS: ANSWER_MS,
  socketTimeoutMS: 10_000,
  waitQueueTimeoutMS: ANSWER_MS
}

interface Member {
  name: string
  port: number
  server: ServerProcess
  client: MongoClient
  admin: Db
}

/** Three members whose connections all go through the proxies of a network. */
export class ReplicaSet {
  readonly members: Member[]
  readonly #hosts: string[]

  /** Started, with a primary. */
  static async start (network: Network, environment: TestEnvironment): Promise<ReplicaSet> {
    const members: Member[] = []
    const hosts: string[] = []
    for (const name of ['m1', 'm2', 'm3']) {
      const port = await freePort()
      const server = createMongod({
        folder: environment.folder,
        port,
        name,
        args: [
          '--quiet',
          '--wiredTigerCacheSizeGB=0.25',
          '--oplogSize=64',
          '--setParameter=diagnosticDataCollectionEnabled=false'
        ]
      })
      environment.add(server)
      // The test's own client bypasses the proxies.
      const client = new MongoClient(
        `mongodb://127.0.0.1:${port}/?directConnection=true`,
        CLIENT_OPTIONS
      )
      members.push({ name, port, server, client, admin: client.db('admin') })
      network.addProcess(name, () => (server.isRunning ? server.pid : undefined))
      hosts.push(`127.0.0.1:${await network.addProxy(name, port)}`)
    }
    const replicaSet = new ReplicaSet(members, hosts)
    await Promise.all(members.map(async ({ server }) => { await server.start() }))
    for (const { name, client } of members) {
      // Explicitly, because operations do not reconnect after the first failure.
      await until(
        `${name} answers`,
        async () =>
          await client.connect().then(() => true, () => false),
        SETTLE_TIMEOUT_MS
      )
    }
    await until(
      'the other members answer',
      async () =>
        await members[0]!.admin
          .command({
            replSetInitiate: {
              _id: 'rs0',
              members: hosts.map((host, _id) => ({ _id, host })),
              // With the defaults a member that hangs keeps a new primary from serving for 10 s.
              settings: {
                electionTimeoutMillis: ELECTION_TIMEOUT_MS,
                heartbeatTimeoutSecs: 4,
                catchUpTimeoutMillis: 4000
              }
            }
          })
          .then(
            () => true,
            error => {
              if (/already initialized/.test(error.message)) return true
              if (/not reach|connect|Quorum|quorum/.test(error.message)) return false
              throw error
            }
          ),
      SETTLE_TIMEOUT_MS
    )
    await replicaSet.settled()
    return replicaSet
  }

  private constructor (members: Member[], hosts: string[]) {
    this.members = members
    this.#hosts = hosts
  }

  get names (): string[] { return this.members.map(({ name }) => name) }

  uri (database: string): string {
    return `mongodb://${this.#hosts.join()}/${database}?replicaSet=rs0`
  }

  /** Names of the members that consider themselves primary: in a partition more than one. */
  async primaries (): Promise<string[]> {
    const answers = await this.#askAll({ hello: 1 })
    return this.names.filter((_name, index) => answers[index]?.isWritablePrimary === true)
  }

  /** Resolves to the primary when all members agree on it. */
  async settled (): Promise<string> {
    return await until(
      'the members agree on a primary',
      async () => {
        const states = (await this.#askAll({ replSetGetStatus: 1 })).map(
          status => status && stateOf(status)
        )
        const [first] = states
        return first !== undefined && states.every(state => state === first) ? first : undefined
      },
      SETTLE_TIMEOUT_MS
    )
  }

  /** The answer of each member; undefined after the timeout. */
  async #askAll (command: Document): Promise<Array<Document | undefined>> {
    return await Promise.all(
      this.members.map(async ({ admin }) => {
        const answer = admin.command(command).catch(() => undefined)
        return await Promise.race([answer, sleep(ANSWER_MS, undefined, { ref: false })])
      })
    )
  }

  member (name: string): Member {
    const member = this.members.find(member => member.name === name)
    if (!member) throw new Error(`There is no member ${name}.`)
    return member
  }

  /** Makes the primary step down. */
  async stepDown (name: string): Promise<void> {
    await this.member(name)
      .admin.command({ replSetStepDown: 10, force: true })
      .catch(() => {}) // another member may be primary by now
  }

  /** Closes the test's clients. The environment stops the servers. */
  async close (): Promise<void> {
    await Promise.all(this.members.map(async ({ client }) => { await client.close() }))
  }
}

/** The primary in the view of a member; undefined unless it sees all members healthy. */
function stateOf ({ members }: Document): string | undefined {
  const states: string[] = members.map(({ stateStr }: Document) => stateStr)
  const isHealthy =
    states.every(state => state === 'PRIMARY' || state === 'SECONDARY') &&
    states.filter(state => state === 'PRIMARY').length === 1
  return isHealthy ? `m${states.indexOf('PRIMARY') + 1}` : undefined
}
