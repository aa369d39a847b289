import { once } from 'node:events'
import type { Server as HttpServer } from 'node:http'
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { describePortError } from './port-error.ts'

/** Time for the first byte of a connection that is open when closing starts. */
const UNUSED_CONNECTION_MS = 250
/** Error codes for an address or address family that the system does not have. */
const UNAVAILABLE = ['EADDRNOTAVAIL', 'EAFNOSUPPORT']

/** The part of a Fastify instance that a listener uses. */
export interface ListeningApp {
  server: HttpServer
  log: { info: (message: string) => void }
  listen: (options: {
    host: string, port: number, listenTextResolver: (address: string) => string
  }) => PromiseLike<unknown>
  close: () => PromiseLike<unknown>
}

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
    const listenTextResolver = (address: string) => `${name} listening at ${address}`
    const listen = async (host: string) => {
      await this.#app.listen({ host, port, listenTextResolver })
    }
    try {
      if (host === 'localhost') {
        await listen('127.0.0.1').then(
          async () => { await this.#listenSecond('::1', port, listenTextResolver) },
          ifUnavailable(async () => { await listen('::1') })
        )
      } else if (host === '::') {
        await listen('::').catch(ifUnavailable(async () => { await listen('0.0.0.0') }))
      } else await listen(host)
    } catch (error) {
      const explained = await describePortError(error as NodeJS.ErrnoException, {
        host,
        port,
        origin: setting,
        setting
      })
      throw new ListenError(explained, { cause: error })
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
  async #listenSecond (
    host: string, port: number, text: (address: string) => string
  ): Promise<void> {
    const { server, log } = this.#app
    const second = this.#createServer({ allowHalfOpen: true, noDelay: true }, socket => {
      if (this.#open.size >= server.maxConnections) socket.destroy()
      else server.emit('connection', socket)
    })
    const ownPort = (server.address() as AddressInfo).port
    second.listen({ host, port: ownPort })
    try {
      await once(second, 'listening')
    } catch (error) {
      const { code = '' } = error as NodeJS.ErrnoException
      // The system picked a port that is free on 127.0.0.1; on ::1 it may be in use.
      const isPickedPort = port === 0 && code === 'EADDRINUSE'
      if (isPickedPort || UNAVAILABLE.includes(code)) return
      throw error
    }
    this.#second = second
    log.info(text(`http://[${host}]:${ownPort}`))
  }
}

function ifUnavailable (
  fallback: () => Promise<void>
): (error: NodeJS.ErrnoException) => Promise<void> {
  return async error => {
    if (!UNAVAILABLE.includes(error.code ?? '')) throw error
    await fallback()
  }
}
