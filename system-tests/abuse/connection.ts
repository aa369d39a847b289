import { connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

/** The status of the first answer, or what happened instead. */
export type Outcome = number | 'cut off' | 'no connection' | 'left open'

export interface Ended {
  outcome: Outcome
  /** Whether every 503 had Retry-After, and no other answer was a 5xx. */
  isPolite: boolean
}

/** A connection that sends any bytes at any pace, and may ignore answers. */
export class Connection {
  readonly #socket: Socket
  readonly #closed: Promise<void>
  readonly #answered = Promise.withResolvers<void>()
  #isConnected = false
  #isPolite = true
  #first: number | undefined
  #tail = ''

  /** @param options.from address of this computer */
  constructor (url: string, { reads = true, from }: { reads?: boolean, from?: string } = {}) {
    const { hostname, port } = new URL(url)
    this.#socket = connect({
      host: hostname,
      port: Number(port),
      noDelay: true,
      ...(from && { localAddress: from })
    })
    this.#closed = new Promise(resolve => { this.#socket.once('close', () => { resolve() }) })
    this.#socket.on('error', () => {}) // the outcome reports it
    this.#socket.once('connect', () => { this.#isConnected = true })
    if (reads) {
      this.#socket.setEncoding('latin1').on('data', (text: unknown) => {
        this.#scan(text as string)
      })
    } else this.#socket.pause()
  }

  send (bytes: string | Uint8Array): void {
    if (!this.#socket.destroyed) this.#socket.write(bytes)
  }

  /** Resolves with the first answer or the end. */
  get answered (): Promise<void> { return Promise.race([this.#answered.promise, this.#closed]) }

  /** Whether there is a connection, or there will be none. */
  get isSettled (): boolean { return this.#isConnected || this.#socket.destroyed }

  /** Waits for the first answer, or for the end when `untilClosed`, and closes the connection. */
  async end (timeoutMs: number, { untilClosed = false } = {}): Promise<Ended> {
    const timeout = new AbortController()
    const isLate = await Promise.race([
      sleep(timeoutMs, true, timeout).catch(() => true),
      this.#closed.then(() => false),
      ...(untilClosed ? [] : [this.#answered.promise.then(() => false)])
    ])
    timeout.abort()
    this.#socket.destroy()
    const unanswered = isLate ? 'left open' : this.#isConnected ? 'cut off' : 'no connection'
    return {
      outcome: untilClosed && isLate ? 'left open' : (this.#first ?? unanswered),
      isPolite: this.#isPolite
    }
  }

  /** Parses the heads of answers, which may come in pieces. */
  #scan (text: string): void {
    this.#tail += text
    let seen = 0
    for (const { index, 0: head, 1: digits } of this.#tail.matchAll(
      /HTTP\/1\.1 (\d{3}) [^]*?\r\n\r\n/g
    )) {
      const status = Number(digits)
      this.#first ??= status
      if (status >= 500 && !(status === 503 && /^retry-after: \d+\r$/im.test(head))) {
        this.#isPolite = false
      }
      seen = index + head.length
    }
    this.#tail = this.#tail.slice(Math.max(seen, this.#tail.length - 4096))
    if (this.#first !== undefined) this.#answered.resolve()
  }
}
