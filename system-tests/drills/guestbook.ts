/** The guestbook and what watches it, on this computer: both services over MongoDB, an ingress, exporters, Prometheus. */
import { mkdirSync } from 'node:fs'
import type { Server } from 'node:http'
import { connect, type Socket } from 'node:net'
import { fileURLToPath } from 'node:url'
import { MongoClient } from 'mongodb'
import { request } from 'undici'
import { ALERT_RULES } from '../../alert-rules/generator/provisioning.ts'
import { Ingress } from './ingress.ts'
import { freePort } from '../lib/free-port.ts'
import { ServerProcess } from '../lib/server-process.ts'
import { isOnPath } from './on-path.ts'
import { PORTS, writePrometheusFiles, type Ports } from './prometheus-files.ts'
import { scaled } from './scale.ts'
import { ClusterMetrics, serveMetrics, serveMongodbMetrics } from './stand-ins.ts'
import { keepVisiting } from './visits.ts'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const FAULTS_TOKEN = 'fault-token-of-the-drills'
/** Requests a second: enough that a burst of failures is no matter of a few requests. */
const TRAFFIC = 60
/** Of MongoDB; the backend needs a fifth of them. */
const MAX_CONNECTIONS = 100

export type ServiceName = 'frontend' | 'backend'
export interface Fault { latencyMs?: number, errorRate?: number, storeDown?: boolean }

export class Guestbook {
  readonly folder: string
  readonly ports: Ports
  readonly mongod: ServerProcess
  readonly services: Record<ServiceName, ServerProcess>
  readonly ingress: Ingress
  readonly prometheus: ServerProcess
  readonly blackbox: ServerProcess
  readonly cluster = new ClusterMetrics()
  readonly #mongodbExporter: ServerProcess | undefined
  readonly #standIns: Server[] = []
  readonly #held: Socket[] = []
  readonly #traffic = new AbortController()
  #visits: Promise<void> | undefined

  /** `prometheusConfig` is added to the file that Prometheus gets. */
  static async create (
    folder: string,
    prometheusConfig: Record<string, unknown> = {}
  ): Promise<Guestbook> {
    const ports = Object.fromEntries(
      await Promise.all(PORTS.map(async name => [name, await freePort()]))
    ) as Ports
    return new Guestbook(folder, ports, prometheusConfig)
  }

  private constructor (folder: string, ports: Ports, prometheusConfig: Record<string, unknown>) {
    this.folder = folder
    this.ports = ports
    mkdirSync(`${folder}/mongod`)
    const log = (name: string) => `${folder}/${name}.log`
    const mongod = process.env.MONGOMS_SYSTEM_BINARY ?? `${ROOT}.tools/mongod/mongod`
    this.mongod = new ServerProcess({
      command: mongod,
      args: [
        '--replSet',
        'rs0',
        '--bind_ip',
        '127.0.0.1',
        '--port',
        `${ports.mongod}`,
        '--dbpath',
        `${folder}/mongod`,
        '--maxConns',
        `${MAX_CONNECTIONS}`
      ],
      log: log('mongod')
    })
    const service = (name: ServiceName, env: Record<string, string>) => {
      const [port, management] = [ports[name], ports[`${name}Management`]]
      return new ServerProcess({
        command: process.execPath,
        args: [`${ROOT}services/${name}/src/server.ts`],
        env: {
          PORT: `${port}`,
          MANAGEMENT_PORT: `${management}`,
          FAULTS_TOKEN,
          RATE_LIMIT_POSTS: '100000',
          SHUTDOWN_DELAY_MS: '0',
          MAX_EVENT_LOOP_DELAY_MS: '0',
          ...env
        },
        log: log(name),
        ready: `http://127.0.0.1:${management}/health`
      })
    }
    this.services = {
      backend: service('backend', { MONGODB_URI: this.#mongodbUri, TRUST_PROXY: 'loopback' }),
      frontend: service('frontend', { BACKEND_URL: `http://127.0.0.1:${ports.backend}` })
    }
    this.ingress = new Ingress(ports.ingress, ports.frontend)
    this.blackbox = new ServerProcess({
      command: 'blackbox_exporter',
      args: [
        `--config.file=${ALERT_RULES}blackbox.yml`,
        `--web.listen-address=127.0.0.1:${ports.blackbox}`
      ],
      log: log('blackbox'),
      ready: `http://127.0.0.1:${ports.blackbox}/-/healthy`
    })
    if (isOnPath('mongodb_exporter')) {
      this.#mongodbExporter = new ServerProcess({
        command: 'mongodb_exporter',
        args: [
          `--mongodb.uri=${this.#mongodUrl}/?directConnection=true`,
          `--web.listen-address=127.0.0.1:${ports.mongodbExporter}`,
          '--collector.diagnosticdata',
          '--collector.replicasetstatus',
          '--collector.dbstats',
          '--mongodb.connect-timeout-ms=400'
        ],
        log: log('mongodb-exporter'),
        ready: `http://127.0.0.1:${ports.mongodbExporter}/`
      })
    }
    writePrometheusFiles(folder, ports, prometheusConfig)
    this.prometheus = new ServerProcess({
      command: 'prometheus',
      args: [
        `--config.file=${folder}/prometheus.yml`,
        `--storage.tsdb.path=${folder}/prometheus`,
        `--web.listen-address=127.0.0.1:${ports.prometheus}`,
        `--query.lookback-delta=${scaled('5m', 10)}`,
        '--rules.alert.resend-delay=1s',
        '--enable-feature=exemplar-storage'
      ],
      log: log('prometheus'),
      ready: `http://127.0.0.1:${ports.prometheus}/-/ready`
    })
  }

  get #mongodUrl (): string {
    return `mongodb://127.0.0.1:${this.ports.mongod}`
  }

  get #mongodbUri (): string {
    return `${this.#mongodUrl}/guestbook?replicaSet=rs0`
  }

  /** Which exporter tells of MongoDB. */
  get mongodbExporter (): string {
    return this.#mongodbExporter ? 'mongodb_exporter' : 'a stand-in for mongodb_exporter'
  }

  get prometheusUrl (): string {
    return `http://127.0.0.1:${this.ports.prometheus}`
  }

  get pageUrl (): string {
    return `http://127.0.0.1:${this.ports.ingress}`
  }

  async start (): Promise<void> {
    await this.startMongod()
    for (const program of [this.services.backend, this.services.frontend, this.blackbox]) {
      await program.start()
    }
    this.#standIns.push(await serveMetrics(this.ports.cluster, this.cluster.page))
    if (this.#mongodbExporter) await this.#mongodbExporter.start()
    else {
      this.#standIns.push(
        await serveMongodbMetrics(
          `${this.#mongodUrl}/?directConnection=true`,
          this.ports.mongod,
          this.ports.mongodbExporter
        )
      )
    }
    await this.ingress.start()
    await this.prometheus.start()
    this.#visits = keepVisiting({
      url: this.pageUrl,
      perSecond: TRAFFIC,
      posts: true,
      signal: this.#traffic.signal
    })
  }

  async startMongod (): Promise<void> {
    await this.mongod.start()
    const client = new MongoClient(`mongodb://127.0.0.1:${this.ports.mongod}`, {
      directConnection: true,
      serverSelectionTimeoutMS: 20_000
    })
    await client
      .db('admin')
      .command({
        replSetInitiate: {
          _id: 'rs0',
          members: [{ _id: 0, host: `127.0.0.1:${this.ports.mongod}` }]
        }
      })
      .catch(error => {
        if (error.codeName !== 'AlreadyInitialized') throw error
      })
    await client.close()
  }

  /** Takes connections of MongoDB away and gives them back. */
  async holdConnections (count: number): Promise<void> {
    for (const socket of this.#held.splice(0)) socket.destroy()
    for (let n = 0; n < count; n++) {
      this.#held.push(connect(this.ports.mongod, '127.0.0.1').on('error', () => {}))
    }
  }

  async fault (service: ServiceName, fault: Fault | null): Promise<void> {
    const { statusCode, body } = await request(
      `http://127.0.0.1:${this.ports[`${service}Management`]}/faults`,
      {
        method: fault ? 'PUT' : 'DELETE',
        headers: {
          authorization: `Bearer ${FAULTS_TOKEN}`,
          ...(fault && { 'content-type': 'application/json' })
        },
        ...(fault && { body: JSON.stringify({ ...fault, expiresInSeconds: 3600 }) })
      }
    )
    const text = await body.text()
    if (statusCode !== 200) {
      throw new Error(`The fault switch of the ${service} answered ${statusCode}: ${text}`)
    }
  }

  async stop (): Promise<void> {
    this.#traffic.abort()
    await this.#visits
    await this.holdConnections(0)
    this.ingress.stop()
    for (const server of this.#standIns) server.close()
    await Promise.all(
      [
        this.prometheus,
        this.blackbox,
        this.#mongodbExporter,
        this.services.frontend,
        this.services.backend
      ].map(async program => {
        await program?.stop('SIGINT')
      })
    )
    await this.mongod.stop()
  }
}
