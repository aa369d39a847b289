import { connect, type Socket } from 'node:net'

/** `requests` come from the process that opened the connection, `responses` from the other one. */
export type Direction = 'requests' | 'responses'
const DIRECTIONS: Direction[] = ['requests', 'responses']

/**
 * A target's connection outlives its closed source by this time, so that the target executes a
 * command that was held. A router that holds packets has the same effect.
 */
const LINGER_MS = 1000

/** All connections that one process opens to another one. */
export class Link {
  readonly from: string
  readonly to: string
  readonly #connections = new Set<Connection>()
  readonly #delayMs: Record<Direction, number> = { requests: 0, responses: 0 }
  #isRejecting = false

  constructor (from: string, to: string) {
    this.from = from
    this.to = to
  }

  /** Resets every new connection and those that are open. */
  reject (): void {
    this.#isRejecting = true
    this.cut()
  }

  /** Resets every open connection; new ones are accepted as before. */
  cut (): void {
    for (const connection of this.#connections) connection.reset()
  }

  /** Holds the bytes of a direction, with connections open, until `open` or `delay`. */
  hold (direction: Direction): void { this.delay(direction, Infinity) }

  /** Delays every byte of a direction. */
  delay (direction: Direction, ms: number): void {
    this.#delayMs[direction] = ms
    for (const connection of this.#connections) connection.flows[direction].setDelay(ms)
  }

  /** Removes every fault. Bytes that were held arrive at once. */
  open (): void {
    this.#isRejecting = false
    for (const direction of DIRECTIONS) this.delay(direction, 0)
  }

  /** The number of bytes that are held or delayed now. */
  get pendingBytes (): number {
    return [...this.#connections].reduce(
      (sum, { flows }) => sum + flows.requests.pendingBytes + flows.responses.pendingBytes,
      0
    )
  }

  /** @internal Forwards a new connection of the source to `port`. */
  accept (source: Socket, port: number): void {
    if (this.#isRejecting) {
      source.resetAndDestroy()
      return
    }
    const connection = new Connection(
      source,
      connect({ port, host: '127.0.0.1', allowHalfOpen: true }),
      () => { this.#connections.delete(connection) }
    )
    for (const direction of DIRECTIONS) {
      connection.flows[direction].setDelay(this.#delayMs[direction])
    }
    this.#connections.add(connection)
  }
}

class Connection {
  readonly flows: Record<Direction, Flow>
  readonly #sockets: [source: Socket, target: Socket]

  constructor (source: Socket, target: Socket, onClose: () => void) {
    this.#sockets = [source, target]
    this.flows = {
      requests: new Flow(source, target, LINGER_MS),
      responses: new Flow(target, source, 0)
    }
    let open = this.#sockets.length
    for (const socket of this.#sockets) {
      socket.setNoDelay()
      socket.on('error', () => {}) // 'close' follows and the flow passes it on
      socket.on('close', () => {
        if (--open === 0) onClose()
      })
    }
  }

  reset (): void {
    for (const flow of Object.values(this.flows)) flow.drop()
    for (const socket of this.#sockets) socket.resetAndDestroy()
  }
}

/** Forwards the bytes of one direction in order, each after its delay, and then the end. */
class Flow {
  readonly #target: Socket
  readonly #lingerMs: number
  #delayMs = 0
  #queue: Array<{ bytes: Buffer | undefined, arrivedAt: number }> = []
  #timer: NodeJS.Timeout | undefined
  #isDropped = false

  constructor (source: Socket, target: Socket, lingerMs: number) {
    this.#target = target
    this.#lingerMs = lingerMs
    source.on('data', bytes => { this.#push(bytes as Buffer) })
    source.once('close', () => { this.#push(undefined) })
    source.once('end', () => { this.#push(undefined) })
  }

  get pendingBytes (): number {
    return this.#queue.reduce((sum, { bytes }) => sum + (bytes?.length ?? 0), 0)
  }

  setDelay (ms: number): void {
    this.#delayMs = ms
    this.#pump()
  }

  drop (): void {
    this.#isDropped = true
    this.#queue = []
    clearTimeout(this.#timer)
  }

  /** `undefined` is the end. */
  #push (bytes: Buffer | undefined): void {
    if (this.#isDropped) return
    this.#queue.push({ bytes, arrivedAt: performance.now() })
    if (this.#queue.length === 1) this.#pump()
  }

  #pump (): void {
    clearTimeout(this.#timer)
    while (this.#queue.length > 0 && !this.#isDropped) {
      const { bytes, arrivedAt } = this.#queue[0]!
      const remainingMs = arrivedAt + this.#delayMs - performance.now()
      if (remainingMs > 0) {
        if (remainingMs < Infinity) {
          this.#timer = setTimeout(() => { this.#pump() }, Math.ceil(remainingMs))
        }
        return
      }
      this.#queue.shift()
      if (bytes) this.#target.write(bytes)
      else {
        const { destroyed } = this.#target
        this.drop()
        if (!destroyed) {
          setTimeout(() => { this.#target.destroySoon() }, this.#lingerMs).unref()
        }
      }
    }
  }
}
