import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'

/** A TCP proxy in front of the frontend. */
export class Ingress {
  #server: Server | undefined
  readonly #sockets = new Set<Socket>()
  readonly port: number
  readonly #target: number
  constructor (port: number, target: number) { [this.port, this.#target] = [port, target] }

  async start (): Promise<void> {
    this.#server = createServer(visitor => {
      const upstream = connect(this.#target, '127.0.0.1')
      for (const socket of [visitor, upstream]) {
        this.#sockets.add(socket.once('close', () => this.#sockets.delete(socket)))
        socket.on('error', () => { visitor.destroy(); upstream.destroy() })
      }
      visitor.pipe(upstream).pipe(visitor)
    }).listen(this.port, '127.0.0.1')
    await once(this.#server, 'listening')
  }

  stop (): void {
    this.#server?.close()
    for (const socket of this.#sockets) socket.destroy()
  }
}
