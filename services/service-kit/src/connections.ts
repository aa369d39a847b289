import { STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import type { ConnectionError, FastifyHttpOptions } from 'fastify'
import fp from 'fastify-plugin'
import type { Logger } from './logger.ts'
import type { Service } from './service.ts'
import { newTraceId } from './trace-context.ts'

/** Node's default limit for a request's head, which bounds the URL too. */
export const MAX_HEADER_BYTES = 16 * 1024
const REQUEST_TIMEOUT_MS = 10_000
/** Node checks timeouts every 30 s by default: a slow client could stay four times too long. */
const TIMEOUT_CHECK_INTERVAL_MS = 2000
/** Longer than a proxy's, so that the proxy closes an idle connection first. */
const KEEP_ALIVE_MS = 75_000
/** For clients that do not read their response. Longer than any injected latency. */
const SOCKET_TIMEOUT_MS = 75_000
/** Browsers and proxies do not pipeline; Node would read over a thousand requests at once. */
const MAX_PIPELINED = 10

/** Renders the response to a malformed HTTP request, which has no Fastify reply. */
export type DescribeClientError = (error: ClientError & { traceId: string }) =>
{ type: string, body: string }

/** `kind` is the end of a problem's type. */
interface ClientError { status: number, kind: string, detail: string }

const MALFORMED: ClientError = {
  status: 400,
  kind: 'bad-request',
  detail: 'The data received is not a valid HTTP/1.1 request.'
}
/** By error code of Node's HTTP server. */
const CLIENT_ERRORS: Record<string, ClientError> = {
  ERR_HTTP_REQUEST_TIMEOUT: {
    status: 408,
    kind: 'request-timeout',
    detail: `The request was not complete within ${REQUEST_TIMEOUT_MS / 1000} s.`
  },
  HPE_HEADER_OVERFLOW: {
    status: 431,
    kind: 'request-header-fields-too-large',
    detail: `The URL and headers of a request are limited to ${MAX_HEADER_BYTES / 1024} KiB.`
  },
  HPE_CHUNK_EXTENSIONS_OVERFLOW: {
    status: 413,
    kind: 'payload-too-large',
    detail: 'The extensions of a chunk are too long.'
  }
}

/** Timeouts and size limits of a connection, and the response to malformed requests. */
export function connectionOptions (log: Logger, describe: DescribeClientError) {
  return {
    requestTimeout: REQUEST_TIMEOUT_MS,
    keepAliveTimeout: KEEP_ALIVE_MS,
    connectionTimeout: SOCKET_TIMEOUT_MS,
    http: {
      requireHostHeader: false, // requestHeaders checks it
      maxHeaderSize: MAX_HEADER_BYTES,
      headersTimeout: REQUEST_TIMEOUT_MS,
      connectionsCheckingInterval: TIMEOUT_CHECK_INTERVAL_MS
    },
    clientErrorHandler: ({ code }: ConnectionError, socket: Socket) => {
      if (code === 'ECONNRESET' || !socket.writable) {
        socket.destroy()
        return
      }
      const clientError = CLIENT_ERRORS[code] ?? MALFORMED
      const { status } = clientError
      const traceId = newTraceId()
      const { type, body } = describe({ ...clientError, traceId })
      log.info({ trace_id: traceId, status_code: status, code }, 'malformed HTTP request')
      const head = [
        `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
        `Content-Type: ${type}`,
        `Content-Length: ${Buffer.byteLength(body)}`,
        'Connection: close'
      ]
      socket.end(`${head.join('\r\n')}\r\n\r\n${body}`, () => { socket.destroy() })
    }
  } satisfies FastifyHttpOptions<never>
}

/** Limits the number of connections, and of pipelined requests per connection. */
export const boundedConnections = fp<Pick<Service, 'config'>>(
  async (app, { config }) => {
    let open = 0
    app.server.maxConnections = config.MAX_CONNECTIONS
    app.server.on('connection', (socket: Socket) => {
      open++
      socket.once('close', () => { open-- })
      // Makes room for the next connection. Clients must expect that idle ones are closed.
      if (open >= config.MAX_CONNECTIONS) app.server.closeIdleConnections()
    })

    const pipelined = new WeakMap<Socket, number>()
    app.addHook('onRequest', (request, reply, done) => {
      if (reply.raw.socket) return done() // no earlier response is pending on the connection
      const { socket } = request.raw
      const count = (pipelined.get(socket) ?? 0) + 1
      if (count > MAX_PIPELINED) {
        // No error response: it would have to wait for the responses before it.
        ignoreFurtherRequests(socket)
        socket.destroy()
        reply.hijack()
        return
      }
      pipelined.set(socket, count)
      reply.raw.once('finish', () => { pipelined.set(socket, pipelined.get(socket)! - 1) })
      done()
    })
  },
  { name: 'bounded-connections' }
)

/**
 * Stops Node's parser after the head of the next request. Otherwise Node emits every request that
 * it has read, even after the socket is destroyed: in the abuse case `pipelining`, 50 connections
 * with 2,000 requests each filled the heap. There is no public API: the return value 2 tells the
 * parser that the protocol was upgraded.
 */
export function ignoreFurtherRequests (
  socket: Socket & { parser?: { onIncoming?: () => number } | null }
): void {
  if (socket.parser) socket.parser.onIncoming = () => 2
}
