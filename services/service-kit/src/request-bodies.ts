import type { IncomingMessage } from 'node:http'
import { Readable } from 'node:stream'
import { errorCodes, type FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { BodyBudget, type BufferedBody, type EvictionReason } from './body-budget.ts'
import type { ServiceConfig } from './config.ts'
import { ignoreFurtherRequests } from './connections.ts'
import { closeAfterAnswer } from './lingering-close.ts'
import { ProblemError } from './problem.ts'
import { clientKey } from './client-address.ts'

/** Memory that a body gets at first; it doubles as the body grows. */
const FIRST_BYTES = 1024
/**
 * Chunks or packets in which a body may arrive. The largest fits into 45 packets; each costs as
 * much time as a kilobyte.
 */
const MAX_PIECES = 1000
const RETRY_AFTER_S = 1

export interface BoundedBodiesOptions {
  config: Pick<ServiceConfig, 'MAX_BODY_BYTES_BUFFERED' | 'MAX_BODY_BYTES_PER_CLIENT'>
}

/**
 * Reads request bodies into memory that is bounded, in all and for each client. Needs loadShedding.
 * Where the answer is ready before the body is complete, the rest is not kept and the connection
 * closes behind the answer.
 */
export const boundedBodies = fp<BoundedBodiesOptions>(async (app, { config }) => {
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
      payload.resume() // nobody reads it
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
        // To linger would hold memory of the connections that were to give some back.
        if (request.bufferedBody?.isEvicted) ignoreFurtherRequests(request.raw.socket)
        else closeAfterAnswer(request.raw)
      }
      done()
    }
    if (wasRead || isComplete(request)) finish()
    else {
      request.discardUnreadBody()
      // What came together with the head is parsed a turn later: then the connection can be kept.
      setImmediate(finish)
    }
  })
}, { name: 'bounded-bodies', dependencies: ['load-shedding'] })

const ignore = () => {}

/** Methods whose body Fastify does not read. */
const BODYLESS = new Set(['GET', 'HEAD', 'TRACE'])

export function hasBody ({ headers }: FastifyRequest): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0
}

/** Requests that are injected, without a connection, do not say so; they are complete. */
function isComplete (request: FastifyRequest): boolean {
  return request.raw.complete !== false || !hasBody(request)
}

/** One for all, as for every request that is shed: making an error costs more than most answers. */
const TOO_MANY_BYTES = new ProblemError(429, 'too-many-requests',
  'Your unfinished requests hold too much of the service\'s memory. Send fewer at a time.',
  { retryAfterSeconds: RETRY_AFTER_S })

const TOO_MANY_PIECES = new ProblemError(413, 'payload-too-large',
  `The body came in more than ${MAX_PIECES} pieces. Send it in larger ones.`)

interface RequestBodyOptions {
  budget: BodyBudget
  client: string
  /** Most bytes it may have. */
  limit: number
  /** Bytes announced; more memory than that is never taken. */
  declared: number
  evictionError: (reason: EvictionReason) => Error
}

/**
 * Collects a body in one piece of memory, however it arrives, and passes it on when it is complete.
 * Nothing is read before somebody reads this stream.
 */
class RequestBody extends Readable implements BufferedBody {
  readonly #source: Readable & Partial<Pick<IncomingMessage, 'complete'>>
  readonly #options: RequestBodyOptions
  #memory = new ArrayBuffer(0)
  #length = 0
  #pieces = 0
  #isPassedOn = false
  /** Whether somebody has begun to read it. */
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
    this.#source.off('error', this.#onFailure).on('error', ignore) // else it would be kept as long as the connection
    this.release()
    if (!this.#isPassedOn) this.#memory.transfer(0)
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
    if (++this.#pieces > MAX_PIECES) {
      this.destroy(TOO_MANY_PIECES)
      return
    }
    if (needed > this.#memory.byteLength && !this.#grow(needed)) return
    new Uint8Array(this.#memory).set(chunk, this.#length)
    this.#length = needed
    this.#free(chunk)
  }

  /** Node gives each piece memory of its own, which else waits for the garbage collector. */
  #free ({ buffer, byteLength }: Buffer): void {
    const isFromConnection = this.#source.complete !== undefined
    if (isFromConnection && buffer instanceof ArrayBuffer && buffer.byteLength === byteLength) {
      buffer.transfer(0)
    }
  }

  /** @returns false when there is no room, which has ended this body. */
  #grow (needed: number): boolean {
    const { budget, client, limit, declared } = this.#options
    const doubled = Math.max(needed, 2 * this.#memory.byteLength, FIRST_BYTES)
    const size = Math.max(needed, Math.min(doubled, limit, declared))
    if (!budget.reserve(client, this, size - this.#memory.byteLength)) return false
    this.#memory = this.#memory.transfer(size)
    return true
  }

  readonly #onEnd = (): void => {
    this.#stopReading()
    this.#options.budget.complete(this.#options.client, this)
    this.#isPassedOn = true
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
    /** Its body while that is in memory. */
    bufferedBody: RequestBody | null
    /** To be called by whoever takes time to answer a request whose body nobody will read: it must not wait in memory. */
    discardUnreadBody: () => void
  }
}
