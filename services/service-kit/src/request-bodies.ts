import type { IncomingMessage } from 'node:http'
import { Readable } from 'node:stream'
import { errorCodes, type FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { BodyBudget, type BufferedBody, type EvictionReason } from './body-budget.ts'
import { ignoreFurtherRequests } from './connections.ts'
import { closeAfterResponse } from './lingering-close.ts'
import { ProblemError } from './problem.ts'
import { clientKey } from './client-address.ts'
import type { Service } from './service.ts'

/** Initial memory of a body; it doubles as the body grows. */
const INITIAL_BYTES = 1024
/** The largest body fits into 45 packets; each chunk costs as much time as a kilobyte. */
const MAX_CHUNKS = 1000
const RETRY_AFTER_S = 1

/**
 * Reads request bodies into bounded memory, in total and per client. If the response is ready
 * before the body is complete, the rest is discarded and the connection is closed.
 */
export const boundedBodies = fp<Pick<Service, 'config'>>(async (app, { config }) => {
  const budget = new BodyBudget({
    total: config.MAX_BODY_BYTES_BUFFERED, perClient: config.MAX_BODY_BYTES_PER_CLIENT
  })

  app.decorateRequest('bufferedBody', null)
  app.decorateRequest('discardUnreadBody', function () {
    if (!this.bufferedBody?.isReading) this.raw.resume()
  })
  app.addHook('preParsing', (request, _reply, payload, done) => {
    if (!hasBody(request)) return done(null, payload)
    if (BODYLESS.has(request.method)) {
      payload.resume()
      return done(null, payload)
    }
    request.bufferedBody = new RequestBody(payload, {
      budget,
      client: clientKey(request),
      limit: request.routeOptions.bodyLimit ?? app.initialConfig.bodyLimit!,
      declared: Number(request.headers['content-length'] ?? Infinity),
      evictionError: reason => {
        const shed = app.shed(request, reason)
        return reason === 'body_bytes' ? shed : TOO_MANY_BYTES
      }
    })
    done(null, request.bufferedBody)
  })
  app.addHook('onSend', (request, reply, _payload, done) => {
    const wasRead = request.bufferedBody?.isReading
    request.bufferedBody?.release()
    const finish = () => {
      if (!isComplete(request)) {
        reply.header('connection', 'close')
        // A lingering connection would keep memory that eviction has to free.
        if (request.bufferedBody?.isEvicted) ignoreFurtherRequests(request.raw.socket)
        else closeAfterResponse(request.raw)
      }
      done()
    }
    if (wasRead || isComplete(request)) finish()
    else {
      request.discardUnreadBody()
      // A body in the same packet as the head is parsed next turn; the connection is kept then.
      setImmediate(finish)
    }
  })
}, { name: 'bounded-bodies', dependencies: ['load-shedding'] })

const ignore = () => {}

/** Methods whose body Fastify ignores. */
const BODYLESS = new Set(['GET', 'HEAD', 'TRACE'])

export function hasBody ({ headers }: FastifyRequest): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0
}

/** Injected requests have no `complete`; they are. */
function isComplete (request: FastifyRequest): boolean {
  return request.raw.complete !== false || !hasBody(request)
}

/** Shared, as for all shed requests: creating an error costs more than most responses. */
const TOO_MANY_BYTES = new ProblemError(429, 'too-many-requests',
  'Your unfinished requests hold too much of the service\'s memory. Send fewer at a time.',
  { retryAfterSeconds: RETRY_AFTER_S })

const TOO_MANY_CHUNKS = new ProblemError(413, 'payload-too-large',
  `The body arrived in more than ${MAX_CHUNKS} chunks. Send larger chunks.`)

interface RequestBodyOptions {
  budget: BodyBudget
  client: string
  /** Maximum bytes. */
  limit: number
  /** Content-Length, which bounds the allocated memory. */
  declared: number
  evictionError: (reason: EvictionReason) => Error
}

/**
 * Collects a body in one buffer and pushes it when it is complete. The source is not read
 * before this stream is.
 */
class RequestBody extends Readable implements BufferedBody {
  readonly #source: Readable & Partial<Pick<IncomingMessage, 'complete'>>
  readonly #options: RequestBodyOptions
  #memory = new ArrayBuffer(0)
  #length = 0
  #chunks = 0
  #isPushed = false
  isReading = false
  isEvicted = false

  constructor (source: Readable, options: RequestBodyOptions) {
    super()
    this.#source = source
    this.#options = options
  }

  override _read (): void {
    if (this.isReading) return
    this.isReading = true
    this.#source.on('data', this.#onData).on('end', this.#onEnd).on('error', this.#onFailure)
      .on('close', this.#onFailure)
  }

  override _destroy (error: Error | null, done: (error: Error | null) => void): void {
    this.#stopReading()
    // The source must not keep this body for the lifetime of the connection.
    this.#source.off('error', this.#onFailure).on('error', ignore)
    this.release()
    if (!this.#isPushed) this.#memory.transfer(0)
    done(error)
  }

  evict (reason: EvictionReason): void {
    this.isEvicted = true
    this.destroy(this.#options.evictionError(reason))
  }

  release (): void { this.#options.budget.release(this.#options.client, this) }

  readonly #onData = (chunk: Buffer): void => {
    const needed = this.#length + chunk.length
    if (needed > this.#options.limit) {
      this.destroy(new errorCodes.FST_ERR_CTP_BODY_TOO_LARGE())
      return
    }
    if (++this.#chunks > MAX_CHUNKS) {
      this.destroy(TOO_MANY_CHUNKS)
      return
    }
    if (needed > this.#memory.byteLength && !this.#grow(needed)) return
    new Uint8Array(this.#memory).set(chunk, this.#length)
    this.#length = needed
    this.#free(chunk)
  }

  /** Node allocates memory per chunk; this frees it before the garbage collector does. */
  #free ({ buffer, byteLength }: Buffer): void {
    const isFromConnection = this.#source.complete !== undefined
    if (isFromConnection && buffer instanceof ArrayBuffer && buffer.byteLength === byteLength) {
      buffer.transfer(0)
    }
  }

  /** @returns false if the budget evicted this body */
  #grow (needed: number): boolean {
    const { budget, client, limit, declared } = this.#options
    const doubled = Math.max(needed, 2 * this.#memory.byteLength, INITIAL_BYTES)
    const size = Math.max(needed, Math.min(doubled, limit, declared))
    if (!budget.reserve(client, this, size - this.#memory.byteLength)) return false
    this.#memory = this.#memory.transfer(size)
    return true
  }

  readonly #onEnd = (): void => {
    this.#stopReading()
    this.#options.budget.complete(this.#options.client, this)
    this.#isPushed = true
    if (this.#length > 0) this.push(Buffer.from(this.#memory, 0, this.#length))
    this.push(null)
  }

  readonly #onFailure = (error?: Error): void => {
    this.destroy(error ?? new Error('The connection was closed before the body was complete.'))
  }

  #stopReading (): void {
    this.#source.off('data', this.#onData).off('end', this.#onEnd).off('close', this.#onFailure)
  }
}

declare module 'fastify' {
  interface FastifyRequest {
    /** The body while it is in memory. */
    bufferedBody: RequestBody | null
    /** Call it before slow work on a response that does not need the body, to free its memory. */
    discardUnreadBody: () => void
  }
}
