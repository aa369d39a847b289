/** A receiver with PagerDuty's Events API v2 that rejects what PagerDuty rejects. */
import { EventEmitter, once } from 'node:events'
import { readFileSync } from 'node:fs'
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse
} from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import { connect, type AddressInfo, type Socket } from 'node:net'
import { json } from 'node:stream/consumers'
import { run } from '../lib/exec.ts'

export interface PagerDutyEvent {
  routing_key: string
  dedup_key?: string
  event_action: 'trigger' | 'acknowledge' | 'resolve'
  payload?: {
    summary: string
    source: string
    severity: string
    class?: string
    component?: string
    group?: string
    custom_details?: Record<string, string>
  }
  client?: string
  client_url?: string
  links?: Array<{ href: string; text?: string }>
}

export interface Arrival { event: PagerDutyEvent, at: number }

/** Has the format of a real key. */
export const INTEGRATION_KEY = '0123456789abcdef0123456789abcdef'
const SEVERITIES = ['critical', 'error', 'warning', 'info']
const isText = (value: unknown, longest = Infinity): boolean =>
  typeof value === 'string' && value !== '' && [...value].length <= longest
const isUrl = (value: unknown): boolean =>
  typeof value === 'string' && /^https?:\/\//.test(value) && URL.canParse(value)

/** Violations of PagerDuty's reference. */
export function violations (event: PagerDutyEvent): string[] {
  const { routing_key: key, dedup_key: dedupKey, event_action: action } = event ?? {}
  const { payload, client_url: clientUrl, links = [] } = event ?? {}
  const checks: Array<[boolean, string]> = [
    [/^[\w-]{32}$/.test(key ?? ''), 'routing_key must have 32 characters'],
    [
      ['trigger', 'acknowledge', 'resolve'].includes(action),
      'event_action must be trigger, acknowledge or resolve'
    ],
    [
      dedupKey === undefined ? action === 'trigger' : isText(dedupKey, 255),
      'dedup_key must have 1 to 255 characters, and is needed unless triggering'
    ],
    [action !== 'trigger' || payload !== undefined, 'payload is needed to trigger'],
    [!payload || isText(payload.summary, 1024), 'payload.summary must have 1 to 1024 characters'],
    [!payload || isText(payload.source), 'payload.source is needed'],
    [
      !payload || SEVERITIES.includes(payload.severity),
      `payload.severity must be one of ${SEVERITIES.join(', ')}`
    ],
    [clientUrl === undefined || isUrl(clientUrl), 'client_url must be an http(s) address'],
    [
      Array.isArray(links) && links.every(({ href }) => isUrl(href)),
      'every link needs an http(s) href'
    ]
  ]
  return checks.filter(([holds]) => !holds).map(([, message]) => message)
}

export class PagerDuty {
  readonly arrivals: Arrival[] = []
  readonly rejected: Array<{ event: unknown; errors: string[] }> = []
  readonly #events = new EventEmitter()
  readonly #servers: Server[] = []
  readonly #sockets = new Set<Socket>()
  readonly #address: string

  /** `address`: an address of this computer. */
  constructor (address = '127.0.0.1') {
    this.#address = address
  }

  handle: RequestListener = (request, response) => { void this.#answer(request, response) }

  async #answer (request: IncomingMessage, response: ServerResponse): Promise<void> {
    const event = (await json(request).catch(() => undefined)) as PagerDutyEvent
    const reply = (status: number, body: unknown) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    const errors =
      request.method === 'POST' && request.url === '/v2/enqueue'
        ? violations(event)
        : ['only POST /v2/enqueue is supported']
    if (errors.length > 0) {
      this.rejected.push({ event, errors })
      reply(400, { status: 'invalid event', message: 'Event object is invalid', errors })
      return
    }
    this.arrivals.push({ event, at: Date.now() })
    this.#events.emit('arrival')
    reply(202, { status: 'success', message: 'Event processed', dedup_key: event.dedup_key })
  }

  /** Waits for an event that matches and arrives after `since`. */
  async event (
    what: string,
    matches: (event: PagerDutyEvent) => boolean,
    since: number,
    timeoutMs: number
  ): Promise<Arrival> {
    const signal = AbortSignal.timeout(Math.max(since + timeoutMs - Date.now(), 1))
    for (;;) {
      const arrival = this.arrivals.find(({ event, at }) => at >= since && matches(event))
      if (arrival) return arrival
      await once(this.#events, 'arrival', { signal }).catch(() => {
        throw new Error(`PagerDuty received no event of ${what} within ${timeoutMs / 1000} s.`)
      })
    }
  }

  /** Waits until no matching incident is open. */
  async settled (
    what: string,
    matches: (event: PagerDutyEvent) => boolean,
    timeoutMs: number
  ): Promise<void> {
    const signal = AbortSignal.timeout(timeoutMs)
    const isOpen = ({ event, at }: Arrival) =>
      matches(event) &&
      !this.arrivals.some(
        later =>
          later.event.event_action === 'resolve' &&
          later.event.dedup_key === event.dedup_key &&
          later.at >= at
      )
    while (this.arrivals.some(isOpen)) {
      await once(this.#events, 'arrival', { signal }).catch(() => {
        throw new Error(`${what} did not resolve within ${timeoutMs / 1000} s.`)
      })
    }
  }

  /** Listens for HTTP, and resolves to the URL for PAGERDUTY_URL. */
  async listen (): Promise<string> {
    return `http://${this.#address}:${await this.#listenOn(createServer(this.handle))}/v2/enqueue`
  }

  /**
   * For programs that only send to PagerDuty's own address: a proxy that forwards it to here, and
   * the certificate to trust.
   */
  async listenAsPagerDuty (folder: string): Promise<{ proxy: string; certificate: string }> {
    const [key, certificate] = [`${folder}/pagerduty.key`, `${folder}/pagerduty.crt`]
    await run('openssl', [
      ...['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2'],
      ...['-keyout', key, '-out', certificate, '-subj', '/CN=events.pagerduty.com'],
      ...['-addext', 'subjectAltName=DNS:events.pagerduty.com']
    ])
    const secure = createSecureServer(
      { key: readFileSync(key), cert: readFileSync(certificate) },
      this.handle
    )
    const port = await this.#listenOn(secure)
    const proxy = createServer((_request, response) => { response.writeHead(405).end() })
    proxy.on('connect', ({ url }: IncomingMessage, client: Socket) => {
      if (url !== 'events.pagerduty.com:443') {
        client.end('HTTP/1.1 403 Forbidden\r\n\r\n')
        return
      }
      const upstream = connect(port, this.#address, () => {
        client.write('HTTP/1.1 200 Connection Established\r\n\r\n')
        upstream.pipe(client).pipe(upstream)
      })
      for (const socket of [upstream, client]) {
        socket.on('error', () => {
          upstream.destroy()
          client.destroy()
        })
      }
    })
    return { proxy: `http://${this.#address}:${await this.#listenOn(proxy)}`, certificate }
  }

  /** Prints the events that arrived. */
  print (): void {
    for (const { event: { event_action: action, payload }, at } of this.arrivals) {
      const time = new Date(at).toISOString().slice(11, 19)
      console.log(`  ${time} ${action} ${payload?.severity} ${payload?.summary}`)
    }
  }

  async close (): Promise<void> {
    for (const server of this.#servers) server.close()
    for (const socket of this.#sockets) socket.destroy()
  }

  async #listenOn (server: Server): Promise<number> {
    this.#servers.push(server)
    server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket.once('close', () => this.#sockets.delete(socket)))
    })
    server.listen(0, this.#address)
    await once(server, 'listening')
    return (server.address() as AddressInfo).port
  }
}
