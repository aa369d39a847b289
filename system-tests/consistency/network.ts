import { once } from 'node:events'
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { createServer, type AddressInfo, type Server } from 'node:net'
import { Link } from './link.ts'

/**
 * Proxies between processes of this computer, so that each link between two of them can fail on
 * its own. A proxy identifies the source by the process that owns the other end of the connection.
 * So processes need no setting, and all of them use one address for a target. Linux only.
 */
export class Network {
  readonly #links = new Map<string, Link>()
  readonly #servers: Server[] = []
  readonly #pids = new Map<string, () => number | undefined>()

  /** Registers a process; `pid` may change when it is started again. */
  addProcess (name: string, pid: () => number | undefined): void {
    this.#pids.set(name, pid)
  }

  removeProcess (name: string): void { this.#pids.delete(name) }

  /** Resolves to the port of a proxy for the process `name`, which listens on `port`. */
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

  /** The links from each of the first to each of the second processes. */
  links (from: string[], to: string[]): Link[] {
    return from.flatMap(source =>
      to.filter(target => target !== source).map(target => this.link(source, target))
    )
  }

  /** Removes every fault of every link. */
  heal (): void {
    for (const link of this.#links.values()) link.open()
  }

  close (): void {
    for (const server of this.#servers) server.close()
    for (const link of this.#links.values()) link.reject()
  }

  #ownerOf (localPort: number, remotePort: number): string | undefined {
    const inode = inodeOf(localPort, remotePort)
    if (inode === undefined) return undefined
    return [...this.#pids].find(([, pid]) => holdsSocket(pid(), inode))?.[0]
  }
}

/** The inode of the IPv4 socket with these ports. */
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
    return undefined // already closed
  }
}
