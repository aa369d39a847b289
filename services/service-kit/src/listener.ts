import { once } from 'node:events'
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import type { FastifyInstance } from 'fastify'
import { describePortError } from './port-error.ts'

/** Time for the first byte of a connection that is open when closing starts. */
const UNUSED_CONNECTION_MS = 250
/** Error codes for an address or address family that the system does not have. */
const UNAVAILABLE = ['EADDRNOTAVAIL', 'EAFNOSUPPORT']
/** By HOST: the first address, and the one that replaces it if it is unavailable. */
const ADDRESSES: Record<string, [string, string]> = {
  localhost: ['127.0.0.1', '::1'],
  '::': ['::', '0.0.0.0']
}

type ListeningApp = Pick<FastifyInstance, 'server' | 'log' | 'listen' | 'close'>
/** Renders the log line of an address. */
type Text = (address: string) => string

export interface ListenOptions {
  /** Value of HOST: `localhost`, `::`, or one address or name. */
  host: string
  /** 0 picks a free port. */
  port: number
  /** Environment variable of the port, for errors. */
  setting: string
  /** Name of the server, for the log. */
  name: string
}

/** The port is not available; the message is for operators. */
export class ListenError extends Error {}

/** Listens for an app, and closes it gracefully. */
export class Listener {
  readonly #app: ListeningApp
  readonly #createServer: typeof createServer
  readonly #open = new Set<Socket>()
  /** Listens on ::1 beside 127.0.0.1; the app's server handles its connections. */
  #second: Server | undefined

  /** @param createSecondServer replaced in tests */
  constructor (app: ListeningApp, createSecondServer = createServer) {
    this.#app = app
    this.#createServer = createSecondServer
    app.server.on('connection', (socket: Socket) => {
      this.#open.add(socket)
      socket.once('close', () => { this.#open.delete(socket) })
    })
  }

  /**
   * Listens on `host`. `localhost` means 127.0.0.1 and ::1, `::` every address, IPv4 included.
   * Without IPv6, `localhost` is 127.0.0.1 and `::` is 0.0.0.0; without IPv4, they are ::1 and ::.
   * @throws ListenError
   */
  async listen ({ host, port, setting, name }: ListenOptions): Promise<void> {
    try {
      await this.#listen(host, port, address => `${name} listening at ${address}`)
    } catch (error) {
      const wanted = { host, port, origin: setting, setting }
      const explained = await describePortError(error as NodeJS.ErrnoException, wanted)
      throw new ListenError(explained, { cause: error })
    }
  }

  async #listen (host: string, port: number, listenTextResolver: Text): Promise<void> {
    const [first, fallback] = ADDRESSES[host] ?? [host]
    try {
      await this.#app.listen({ host: first, port, listenTextResolver })
      if (host === 'localhost') await this.#listenSecond(port, listenTextResolver)
    } catch (error) {
      if (!fallback || !isUnavailable(error)) throw error
      await this.#app.listen({ host: fallback, port, listenTextResolver })
    }
  }

  /**
   * Closes after the response to every request. Browsers preconnect, and Node waits for such
   * connections as for requests: those without a first byte are closed.
   */
  async close (): Promise<void> {
    const timer = setInterval(() => {
      for (const socket of this.#open) if (socket.bytesRead === 0) socket.destroy()
      this.#app.server.closeIdleConnections()
    }, UNUSED_CONNECTION_MS)
    if (this.#second?.listening) {
      this.#second.close()
      this.#app.server.closeIdleConnections()
      await once(this.#second, 'close')
    }
    await this.#app.close()
    clearInterval(timer)
  }

  /** A server listens on one address only; a second Fastify server would not share its limits. */
  async #listenSecond (port: number, text: Text): Promise<void> {
    const { server, log } = this.#app
    const second = this.#createServer({ allowHalfOpen: true, noDelay: true }, socket => {
      if (this.#open.size >= server.maxConnections) socket.destroy()
      else server.emit('connection', socket)
    })
    const ownPort = (server.address() as AddressInfo).port
    second.listen({ host: '::1', port: ownPort })
    try {
      await once(second, 'listening')
    } catch (error) {
      // The system picked a port that is free on 127.0.0.1; on ::1 it may be in use.
      const isPickedPort = port === 0 && (error as NodeJS.ErrnoException).code === 'EADDRINUSE'
      if (isPickedPort || isUnavailable(error)) return
      throw error
    }
    this.#second = second
    log.info(text(`http://[::1]:${ownPort}`))
  }
}

const isUnavailable = (error: unknown): boolean =>
  UNAVAILABLE.includes((error as NodeJS.ErrnoException).code ?? '')
