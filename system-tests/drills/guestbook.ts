/** A guestbook on this computer with an ingress, exporters and Prometheus. */
import type { Server } from 'node:http'
import { connect, type Socket } from 'node:net'
import { ALERT_RULES } from '../../alert-rules/generator/provisioning.ts'
import { Ingress } from './ingress.ts'
import { isOnPath } from '../lib/exec.ts'
import { setFault, type Fault } from '../lib/faults-client.ts'
import { freePort } from '../lib/free-port.ts'
import { serveMetrics } from '../lib/metrics.ts'
import { createMongod, initiateReplicaSet } from '../lib/mongod.ts'
import { ServerProcess } from '../lib/server-process.ts'
import { createService, type ServiceName } from '../lib/service.ts'
import { PORTS, writePrometheusFiles, type Ports } from './prometheus-files.ts'
import { scaled } from './scale.ts'
import { ClusterMetrics, serveMongodbMetrics } from './exporters.ts'
import { keepVisiting } from './visits.ts'

const FAULTS_TOKEN = 'fault-token-of-the-drills'
/** Requests a second: enough that an error rate does not depend on a few requests. */
const TRAFFIC = 60
/** The limit of MongoDB; the backend needs a fifth of it. */
const MAX_CONNECTIONS = 100

export class Guestbook {
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

  /** `prometheusConfig` is added to the configuration of Prometheus. */
  static async create (
    folder: string,
    prometheusConfig: Record<string, unknown> = {}
  ): Promise<Guestbook> {
    const ports = Object.fromEntries(
      await Promise.all(PORTS.map(async name => [name, await freePort()]))
    ) as Ports
    const create = async (name: ServiceName, env: Record<string, string>) => (
      await createService(name, {
        folder,
        ports: [ports[name], ports[`${name}Management`]],
        readyPath: '/health',
        env: { FAULTS_TOKEN, MAX_EVENT_LOOP_DELAY_MS: '0', ...env }
      })
    ).server
    const services = {
      backend: await create('backend', {
        MONGODB_URI: `mongodb://127.0.0.1:${ports.mongod}/guestbook?replicaSet=rs0`,
        TRUST_PROXY: 'loopback'
      }),
      frontend: await create('frontend', { BACKEND_URL: `http://127.0.0.1:${ports.backend}` })
    }
    return new Guestbook(folder, ports, services, prometheusConfig)
  }

  private constructor (
    folder: string,
    ports: Ports,
    services: Record<ServiceName, ServerProcess>,
    prometheusConfig: Record<string, unknown>
  ) {
    this.ports = ports
    const log = (name: string) => `${folder}/${name}.log`
    this.mongod = createMongod({
      folder,
      port: ports.mongod,
      args: [`--maxConns=${MAX_CONNECTIONS}`]
    })
    this.services = services
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
          `--mongodb.uri=${this.#mongodUrl}`,
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
    return `mongodb://127.0.0.1:${this.ports.mongod}/?directConnection=true`
  }

  /** The name of the exporter of MongoDB's metrics. */
  get mongodbExporter (): string {
    return this.#mongodbExporter ? 'mongodb_exporter' : 'a replacement for mongodb_exporter'
  }

  get prometheusUrl (): string { return `http://127.0.0.1:${this.ports.prometheus}` }

  get pageUrl (): string { return `http://127.0.0.1:${this.ports.ingress}` }

  async start (): Promise<void> {
    await this.startMongod()
    for (const program of [this.services.backend, this.services.frontend, this.blackbox]) {
      await program.start()
    }
    this.#standIns.push(await serveMetrics(this.ports.cluster, this.cluster.page))
    if (this.#mongodbExporter) await this.#mongodbExporter.start()
    else {
      this.#standIns.push(
        await serveMongodbMetrics(this.#mongodUrl, this.ports.mongod, this.ports.mongodbExporter)
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
    await initiateReplicaSet(this.ports.mongod)
  }

  /** Opens so many connections of MongoDB, instead of those that are held. */
  async holdConnections (count: number): Promise<void> {
    for (const socket of this.#held.splice(0)) socket.destroy()
    for (let n = 0; n < count; n++) {
      this.#held.push(connect(this.ports.mongod, '127.0.0.1').on('error', () => {}))
    }
  }

  async setFault (service: ServiceName, fault: Fault | null): Promise<void> {
    const port = this.ports[`${service}Management`]
    await setFault(`http://127.0.0.1:${port}`, FAULTS_TOKEN, fault)
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
      ].map(async program => { await program?.stop('SIGINT') })
    )
    await this.mongod.stop()
  }
}
