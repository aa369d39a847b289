import { STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import type { ConnectionError, FastifyHttpOptions } from 'fastify'
import fp from 'fastify-plugin'
import type { ServiceConfig } from './config.ts'
import type { Logger } from './logger.ts'
import { newTraceId } from './trace-context.ts'

/** Node's default limit for a request's head, so no part of an address can be longer. */
export const MAX_HEADER_BYTES = 16 * 1024
/** A client that sends slower than this is not a visitor. */
const REQUEST_TIMEOUT_MS = 10_000
/** How late a slow client may be noticed. Node's own 30 s would let it stay four times as long as it may. */
const CHECK_EVERY_MS = 2000
/** Longer than proxies keep theirs, so that they end a connection first. */
const KEEP_ALIVE_MS = 75_000
/** A connection over which nothing moved for so long, an answer under way: longer than any injected latency. Else who never reads stays for good. */
const STUCK_MS = 75_000
/** Requests that may come over a connection ahead of their answers. Browsers and proxies send none; over a thousand fit into what Node reads at once. */
const MAX_PIPELINED = 10

/** Body of an answer to what is no request, so that it has no reply; a kind as in a problem's type. */
export type DescribeClientError = (refusal: {
  status: number
  kind: string
  detail: string
  traceId: string
}) => { type: string; body: string }

interface Refusal { status: number, kind: string, detail: string }
const MALFORMED: Refusal = {
  status: 400,
  kind: 'bad-request',
  detail: 'The data received is not a valid HTTP/1.1 request.'
}
const REFUSALS: Record<string, Refusal> = {
  ERR_HTTP_REQUEST_TIMEOUT: {
    status: 408,
    kind: 'request-timeout',
    detail: `The request was not complete within ${REQUEST_TIMEOUT_MS / 1000} s.`
  },
  HPE_HEADER_OVERFLOW: {
    status: 431,
    kind: 'request-header-fields-too-large',
    detail: `The address and headers of a request may have ${MAX_HEADER_BYTES / 1024} KiB together.`
  },
  HPE_CHUNK_EXTENSIONS_OVERFLOW: {
    status: 413,
    kind: 'payload-too-large',
    detail: 'The extensions of a chunk are too long.'
  }
}

/** Bounds what a client can take without being one: time, size, connections. */
export function connectionOptions (log: Logger, describe: DescribeClientError) {
  return {
    requestTimeout: REQUEST_TIMEOUT_MS,
    keepAliveTimeout: KEEP_ALIVE_MS,
    connectionTimeout: STUCK_MS,
    http: {
      requireHostHeader: false /* requestHeaders sees to it */,
      maxHeaderSize: MAX_HEADER_BYTES,
      headersTimeout: REQUEST_TIMEOUT_MS,
      connectionsCheckingInterval: CHECK_EVERY_MS
    },
    clientErrorHandler: (error: ConnectionError, socket: Socket) => {
      if (error.code === 'ECONNRESET' || !socket.writable) {
        socket.destroy()
        return
      }
      const { status, kind, detail } = REFUSALS[error.code] ?? MALFORMED
      const traceId = newTraceId()
      const { type, body } = describe({ status, kind, detail, traceId })
      log.info({ trace_id: traceId, status_code: status, code: error.code }, 'malformed HTTP request')
      socket.end(
        `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nContent-Type: ${type}\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
        () => {
          socket.destroy()
        }
      )
    }
  } satisfies FastifyHttpOptions<never>
}

/** Bounds the number of connections, and of requests that come over one of them ahead of their answers. */
export const boundedConnections = fp<{ config: Pick<ServiceConfig, 'MAX_CONNECTIONS'> }>(
  async (app, { config }) => {
    let open = 0
    app.server.maxConnections = config.MAX_CONNECTIONS
    app.server.on('connection', (socket: Socket) => {
      open++
      socket.once('close', () => {
        open--
      })
      // Who comes next finds room: a client must expect that a connection it does not use is closed.
      if (open >= config.MAX_CONNECTIONS) app.server.closeIdleConnections()
    })

    const waiting = new WeakMap<Socket, number>()
    app.addHook('onRequest', (request, reply, done) => {
      if (reply.raw.socket) return done() // it is this one's turn: nothing was sent ahead
      const { socket } = request.raw
      const ahead = (waiting.get(socket) ?? 0) + 1
      if (ahead > MAX_PIPELINED) {
        // An answer would have to wait for all before it, and whoever sends so much need not read them.
        ignoreFurtherRequests(socket)
        socket.destroy()
        reply.hijack()
        return
      }
      waiting.set(socket, ahead)
      reply.raw.once('finish', () => {
        waiting.set(socket, waiting.get(socket)! - 1)
      })
      done()
    })
  },
  { name: 'bounded-connections' }
)

/**
 * Makes no request of what still comes over the connection, not even of what Node has in hand. Node
 * would make requests of all of that even when the connection is destroyed, and a hundred such
 * connections fill the heap. Told that the protocol changes (2), its parser stops behind the head
 * of the next request; there is no public way.
 */
export function ignoreFurtherRequests (
  socket: Socket & { parser?: { onIncoming?: () => number } | null }
): void {
  if (socket.parser) socket.parser.onIncoming = () => 2
}
