import { once } from 'node:events'
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { createServer, connect, type AddressInfo, type Server, type Socket } from 'node:net'

/** What happens to a link's connections. `refuse` resets those that are open too. */
export type Admission = 'accept' | 'refuse'
/**
 * `requests` are the bytes of whoever opened the connection, `responses` those of the one it
 * reached.
 */
export type Direction = 'requests' | 'responses'
const DIRECTIONS: Direction[] = ['requests', 'responses']

/**
 * Milliseconds for which a target's connection outlives its closed source, so that a command which
 * was held is executed although nobody waits for it any more. A router that held packets does the
 * same.
 */
const LINGER_MS = 1000

/** All connections that one process opens to another one. */
export class Link {
  readonly from: string
  readonly to: string
  readonly #connections = new Set<Connection>()
  readonly #delayMs: Record<Direction, number> = { requests: 0, responses: 0 }
  #admission: Admission = 'accept'

  constructor (from: string, to: string) {
    this.from = from
    this.to = to
  }

  /** Resets every new connection and those that are open. */
  refuse (): void {
    this.#admission = 'refuse'
    this.cut()
  }

  /** Resets every open connection; new ones are accepted as before. */
  cut (): void {
    for (const connection of this.#connections) connection.reset()
  }

  /** Keeps the bytes of a direction back and the connections open, until `open` or a `delay`. */
  hold (direction: Direction): void {
    this.delay(direction, Infinity)
  }

  /** Lets every byte of a direction arrive this many milliseconds later. */
  delay (direction: Direction, ms: number): void {
    this.#delayMs[direction] = ms
    for (const connection of this.#connections) connection.flows[direction].setDelay(ms)
  }

  /** Takes every fault back. Bytes that were held arrive at once. */
  open (): void {
    this.#admission = 'accept'
    for (const direction of DIRECTIONS) this.delay(direction, 0)
  }

  /** Bytes that are held or delayed just now. */
  get pendingBytes (): number {
    return [...this.#connections].reduce(
      (sum, { flows }) => sum + flows.requests.pendingBytes + flows.responses.pendingBytes,
      0
    )
  }

  /** @internal A new connection of the source, to be passed on to `port`. */
  accept (source: Socket, port: number): void {
    if (this.#admission === 'refuse') {
      source.resetAndDestroy()
      return
    }
    const connection = new Connection(
      source,
      connect({ port, host: '127.0.0.1', allowHalfOpen: true }),
      () => {
        this.#connections.delete(connection)
      }
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

/** Carries the bytes of one direction, each after its delay and in order, and then the end. */
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
    source.on('data', bytes => {
      this.#push(bytes as Buffer)
    })
    source.once('close', () => {
      this.#push(undefined)
    })
    source.once('end', () => {
      this.#push(undefined)
    })
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
          this.#timer = setTimeout(() => {
            this.#pump()
          }, Math.ceil(remainingMs))
        }
        return
      }
      this.#queue.shift()
      if (bytes) this.#target.write(bytes)
      else {
        const { destroyed } = this.#target
        this.drop()
        if (!destroyed) {
          setTimeout(() => {
            this.#target.destroySoon()
          }, this.#lingerMs).unref()
        }
      }
    }
  }
}

/**
 * Stands between processes of this computer, so that each link between two of them can be broken
 * by itself. A proxy tells who connects by the process that owns the other end of the connection,
 * so the processes need no setting of their own and all of them know a target by the same address.
 * Linux only.
 */
export class Network {
  readonly #links = new Map<string, Link>()
  readonly #servers: Server[] = []
  readonly #pids = new Map<string, () => number | undefined>()

  /** Names a process; `pid` may change when the process is started again. */
  addProcess (name: string, pid: () => number | undefined): void {
    this.#pids.set(name, pid)
  }

  removeProcess (name: string): void {
    this.#pids.delete(name)
  }

  /**
   * Resolves to the port at which others reach the process `name`, which itself listens at `port`.
   */
  async addProxy (name: string, port: number): Promise<number> {
    const server = createServer({ allowHalfOpen: true }, socket => {
      socket.on('error', () => {}) // 'close' follows
      const source = this.#ownerOf(socket.remotePort!, socket.localPort!)
      // Without a source, it has ended or closed the connection already.
      if (source === undefined) socket.resetAndDestroy()
      else this.link(source, name).accept(socket, port)
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    this.#servers.push(server)
    return (server.address() as AddressInfo).port
  }

  link (from: string, to: string): Link {
    const key = `${from} ${to}`
    let link = this.#links.get(key)
    if (!link) this.#links.set(key, (link = new Link(from, to)))
    return link
  }

  /** Every link from one of the first to one of the second processes. */
  links (from: string[], to: string[]): Link[] {
    return from.flatMap(source =>
      to.filter(target => target !== source).map(target => this.link(source, target))
    )
  }

  /** Takes every fault of every link back. */
  heal (): void {
    for (const link of this.#links.values()) link.open()
  }

  close (): void {
    for (const server of this.#servers) server.close()
    for (const link of this.#links.values()) link.refuse()
  }

  #ownerOf (localPort: number, remotePort: number): string | undefined {
    const inode = inodeOf(localPort, remotePort)
    if (inode === undefined) return undefined
    return [...this.#pids].find(([, pid]) => holdsSocket(pid(), inode))?.[0]
  }
}

/** The inode of the IPv4 socket with these ports, of whichever process. */
function inodeOf (localPort: number, remotePort: number): string | undefined {
  const hex = (port: number) => port.toString(16).toUpperCase().padStart(4, '0')
  const pattern = new RegExp(
    `^ *\\d+: 0100007F:${hex(localPort)} 0100007F:${hex(remotePort)} (?:\\S+ +){6}(\\d+)`,
    'm'
  )
  const inode = pattern.exec(readFileSync('/proc/net/tcp', 'utf8'))?.[1]
  return inode === '0' ? undefined : inode // closed already
}

function holdsSocket (pid: number | undefined, inode: string): boolean {
  if (pid === undefined) return false
  try {
    return readdirSync(`/proc/${pid}/fd`).some(
      file => linkOf(`/proc/${pid}/fd/${file}`) === `socket:[${inode}]`
    )
  } catch {
    return false // the process has ended
  }
}

function linkOf (file: string): string | undefined {
  try {
    return readlinkSync(file)
  } catch {
    return undefined // closed meanwhile
  }
}
