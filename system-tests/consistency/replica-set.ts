import { mkdirSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { MongoClient, type Db, type Document, type MongoClientOptions } from 'mongodb'
import { freePort } from '../lib/free-port.ts'
import { ServerProcess } from '../lib/server-process.ts'
import { until } from '../lib/until.ts'
import { MONGOD } from '../bench/database.ts'
import type { Stage } from '../bench/stage.ts'
import type { Network } from './network.ts'

/**
 * Milliseconds without a sign of the primary until the others elect another one. MongoDB's default
 * is 10,000.
 */
export const ELECTION_TIMEOUT_MS = 6000
/** Longest that an election, a rollback or a start may take on a busy computer. */
const PATIENCE_MS = 90_000

/** A member that hangs must not hold up the questions to the others. */
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

/**
 * Three mongod members that reach each other, and are reached, through the proxies of a network
 * alone.
 */
export class ReplicaSet {
  readonly members: Member[]
  readonly #hosts: string[]

  /** Started, with a primary. */
  static async start (folder: string, network: Network, stage: Stage): Promise<ReplicaSet> {
    const members: Member[] = []
    const hosts: string[] = []
    for (const name of ['m1', 'm2', 'm3']) {
      mkdirSync(`${folder}/${name}`)
      const port = await freePort()
      const server = new ServerProcess({
        command: MONGOD,
        args: [
          '--replSet',
          'rs0',
          '--bind_ip',
          '127.0.0.1',
          '--port',
          `${port}`,
          '--dbpath',
          `${folder}/${name}`,
          '--quiet',
          '--wiredTigerCacheSizeGB',
          '0.25',
          '--oplogSize',
          '64',
          '--setParameter',
          'diagnosticDataCollectionEnabled=false'
        ],
        log: `${folder}/${name}.log`
      })
      stage.add(server)
      // For the test itself, past the proxies.
      const client = new MongoClient(
        `mongodb://127.0.0.1:${port}/?directConnection=true`,
        CLIENT_OPTIONS
      )
      members.push({ name, port, server, client, admin: client.db('admin') })
      network.addProcess(name, () => (server.isRunning ? server.pid : undefined))
      hosts.push(`127.0.0.1:${await network.addProxy(name, port)}`)
    }
    const replicaSet = new ReplicaSet(members, hosts)
    await Promise.all(
      members.map(async ({ server }) => {
        await server.start()
      })
    )
    for (const { name, client } of members) {
      // In so many words: once it has failed, operations no longer do it by themselves.
      await until(
        `${name} answers`,
        async () =>
          await client.connect().then(
            () => true,
            () => false
          ),
        PATIENCE_MS
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
      PATIENCE_MS
    )
    await replicaSet.settled()
    return replicaSet
  }

  private constructor (members: Member[], hosts: string[]) {
    this.members = members
    this.#hosts = hosts
  }

  get names (): string[] {
    return this.members.map(({ name }) => name)
  }

  uri (database: string): string {
    return `mongodb://${this.#hosts.join()}/${database}?replicaSet=rs0`
  }

  /**
   * Names of the members that hold themselves for the primary just now. More than one is possible
   * in a partition.
   */
  async primaries (): Promise<string[]> {
    const answers = await this.#askAll({ hello: 1 })
    return this.names.filter((_name, index) => answers[index]?.isWritablePrimary === true)
  }

  /** Resolves to the only primary, as soon as all members agree on it and follow. */
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
      PATIENCE_MS
    )
  }

  /** What each member answers; undefined when it does not in time. */
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

  /** Lets the primary hand over. */
  async stepDown (name: string): Promise<void> {
    await this.member(name)
      .admin.command({ replSetStepDown: 10, force: true })
      .catch(() => {}) // it may not be primary any more
  }

  /** Closes what the test itself holds open; the servers belong to the stage. */
  async close (): Promise<void> {
    await Promise.all(
      this.members.map(async ({ client }) => {
        await client.close()
      })
    )
  }
}

/**
 * The primary in the view of a member that sees all members healthy; undefined as long as one is
 * not.
 */
function stateOf ({ members }: Document): string | undefined {
  const states: string[] = members.map(({ stateStr }: Document) => stateStr)
  const isHealthy =
    states.every(state => state === 'PRIMARY' || state === 'SECONDARY') &&
    states.filter(state => state === 'PRIMARY').length === 1
  return isHealthy ? `m${states.indexOf('PRIMARY') + 1}` : undefined
}
