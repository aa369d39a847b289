import { once } from 'node:events'
import type { Server as HttpServer } from 'node:http'
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { describePortError } from './port-error.ts'

/** Time for the first byte over a connection that is open when closing begins. */
const UNUSED_CONNECTION_MS = 250
/** What the system says when it has no such address, or none of its family. */
const UNAVAILABLE = ['EADDRNOTAVAIL', 'EAFNOSUPPORT']

/** What a listener needs of a Fastify instance. */
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
  /** 0 takes a free one. */
  port: number
  /** Environment variable that the port comes from. */
  setting: string
  /** Name of the server in the log. */
  name: string
}

/** A server does not listen, for a reason that an operator can do something about. */
export class ListenError extends Error {}

/** The sockets of an app, from listening to the end of the last connection. */
export class Listener {
  readonly #app: ListeningApp
  readonly #createServer: typeof createServer
  readonly #open = new Set<Socket>()
  /** On ::1 beside 127.0.0.1; the app's server handles its connections. */
  #second: Server | undefined

  /** @param makeServer Makes the server on ::1; Node's own but in tests. */
  constructor (app: ListeningApp, makeServer = createServer) {
    this.#app = app
    this.#createServer = makeServer
    app.server.on('connection', (socket: Socket) => {
      this.#open.add(socket)
      socket.once('close', () => { this.#open.delete(socket) })
    })
  }

  /**
   * Listens on the address that `host` is; on 127.0.0.1 and ::1 for `localhost`; for `::` on every address, IPv4 included.
   * Without IPv6 in the system, `localhost` is 127.0.0.1 and `::` is 0.0.0.0; without IPv4, they are ::1 and `::`.
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
          async () => {
            await this.#listenToo('::1', port, listenTextResolver)
          },
          ifUnavailable(async () => {
            await listen('::1')
          })
        )
      } else if (host === '::') {
        await listen('::').catch(
          ifUnavailable(async () => {
            await listen('0.0.0.0')
          })
        )
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
   * Closes once every request is answered. Browsers open connections ahead, and Node waits for those as for a request:
   * one over which nothing has come even now is ended.
   */
  async close (): Promise<void> {
    const tidy = setInterval(() => {
      for (const socket of this.#open) if (socket.bytesRead === 0) socket.destroy()
      this.#app.server.closeIdleConnections()
    }, UNUSED_CONNECTION_MS)
    if (this.#second?.listening) {
      this.#second.close()
      this.#app.server.closeIdleConnections()
      await once(this.#second, 'close')
    }
    await this.#app.close()
    clearInterval(tidy)
  }

  /** The app's own server has one address only, and a second server of Fastify's would not have its limits. */
  async #listenToo (host: string, port: number, text: (address: string) => string): Promise<void> {
    const { server, log } = this.#app
    const second = this.#createServer({ allowHalfOpen: true, noDelay: true }, socket => {
      if (this.#open.size >= server.maxConnections) socket.destroy()
      else server.emit('connection', socket)
    })
    const own = (server.address() as AddressInfo).port
    second.listen({ host, port: own })
    try {
      await once(second, 'listening')
    } catch (error) {
      const { code = '' } = error as NodeJS.ErrnoException
      // The system chose a port that is free on 127.0.0.1 (0 was asked for); it may be in use here.
      const isChance = port === 0 && code === 'EADDRINUSE'
      if (isChance || UNAVAILABLE.includes(code)) return
      throw error
    }
    this.#second = second
    log.info(text(`http://[${host}]:${own}`))
  }
}

function ifUnavailable (
  fallBack: () => Promise<void>
): (error: NodeJS.ErrnoException) => Promise<void> {
  return async error => {
    if (!UNAVAILABLE.includes(error.code ?? '')) throw error
    await fallBack()
  }
}
