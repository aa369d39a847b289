import {
  LATENCY_BUCKETS, newTraceId, TIME_BUDGET, traceHeaders, type Service
} from '@guestbook/service-kit'
import CircuitBreaker from 'opossum'
import { Counter, Gauge, Histogram } from 'prom-client'
import { errors, Pool, type Dispatcher } from 'undici'
import {
  BackendClientError, BackendUnavailable, parseMessage, parsePage, parseProblem,
  type Message, type Page
} from './contract.ts'
import { Retrier } from './retry.ts'

const CONNECTIONS = 64
const MESSAGES = '/api/v1/messages'

/** Timeout of a call with all its attempts, and of each attempt. */
interface Timeouts { totalMs: number, attemptMs: number }
const READ: Timeouts = { totalMs: TIME_BUDGET.pageMs, attemptMs: TIME_BUDGET.pageMs }
const POST: Timeouts = { totalMs: TIME_BUDGET.postMs, attemptMs: TIME_BUDGET.postAttemptMs }

export interface Post {
  readonly name: string
  readonly message: string
  /** The backend stores the same text of one visitor once: a double click, a reload, a retry. */
  readonly visitorId: string
  /** The visitor's address, for the backend's rate limit. */
  readonly clientIp: string
}

export interface Posted {
  readonly message: Message
  /** Whether an earlier attempt had stored the message, of this call or of an earlier one. */
  readonly isReplay: boolean
}

/** Label of the metrics. */
type Operation = 'newest' | 'older' | 'message' | 'post'

interface Call { operation: Operation, traceId: string, request: Dispatcher.RequestOptions }

interface Response {
  statusCode: number
  headers: Dispatcher.ResponseData['headers']
  text: string
}

/**
 * Client of the backend's API: timeouts, retries, validated responses. A circuit breaker opens when
 * a read fails, and closes when a probe in the background succeeds. While it is open, reads fail
 * immediately: no visitor waits for a backend that is down.
 */
export class BackendClient {
  readonly #pool: Pool
  readonly #breaker: CircuitBreaker<[() => Promise<Response>], Response>
  readonly #retrier = new Retrier()
  readonly #faults: Service['faults']
  readonly #duration: Histogram
  readonly #retries: Counter

  constructor (url: string, { metrics, faults }: Pick<Service, 'metrics' | 'faults'>) {
    this.#pool = new Pool(new URL(url).origin, {
      connections: CONNECTIONS,
      connect: { timeout: TIME_BUDGET.connectMs }
    })
    this.#faults = faults
    this.#duration = new Histogram({
      name: 'guestbook_backend_request_duration_seconds',
      help: 'Duration of each attempt to call the backend, as measured by the frontend, by ' +
        'operation and outcome (ok, unchanged, refused, error, timeout, unreachable).',
      labelNames: ['operation', 'outcome'],
      buckets: LATENCY_BUCKETS,
      registers: metrics.registers
    })
    this.#retries = new Counter({
      name: 'guestbook_backend_retries_total',
      help: 'Retries of backend calls, by operation.',
      labelNames: ['operation'],
      registers: metrics.registers
    })
    const open = new Gauge({
      name: 'guestbook_backend_breaker_open',
      help: '1 while the circuit breaker is open: reads of the backend fail immediately.',
      registers: metrics.registers
    })
    this.#breaker = new CircuitBreaker(async read => await read(), {
      timeout: false, // each read has its own
      errorThresholdPercentage: 0, // open at the first failed read: it has had its retries
      resetTimeout: TIME_BUDGET.breakerProbeMs,
      errorFilter: error => !(error instanceof BackendUnavailable)
    })
    this.#breaker.on('open', () => { open.set(1) })
    this.#breaker.on('close', () => { open.set(0) })
    this.#breaker.on('halfOpen', () => {
      const probe = readOf('newest', newTraceId(), MESSAGES)
      this.#breaker.fire(async () => await this.#attempt(probe, READ.attemptMs)).catch(() => {})
    })
  }

  /** The newest messages; undefined when they still match `etag`. */
  async newest (
    traceId: string,
    etag?: string
  ): Promise<{ page: Page; etag: string | undefined } | undefined> {
    const headers = etag === undefined ? {} : { 'if-none-match': etag }
    const response = await this.#read(readOf('newest', traceId, MESSAGES, headers))
    if (response.statusCode === 304) return undefined
    return { page: parsePage(response.text), etag: headerOf(response, 'etag') }
  }

  async older (traceId: string, cursor: string): Promise<Page> {
    const path = `${MESSAGES}?cursor=${encodeURIComponent(cursor)}`
    return parsePage((await this.#read(readOf('older', traceId, path))).text)
  }

  /** Undefined when there is no such message, or it is hidden. */
  async message (traceId: string, id: string): Promise<Message | undefined> {
    try {
      const response = await this.#read(readOf('message', traceId, `${MESSAGES}/${id}`))
      return parseMessage(response.text)
    } catch (error) {
      if (error instanceof BackendClientError && error.statusCode === 404) return undefined
      throw error
    }
  }

  /** Stores a message exactly once, whatever the number of attempts. */
  async post (traceId: string, { visitorId, clientIp, ...message }: Post): Promise<Posted> {
    const request = {
      method: 'POST',
      path: MESSAGES,
      headers: {
        'content-type': 'application/json',
        'idempotency-scope': visitorId,
        'x-forwarded-for': clientIp
      },
      body: JSON.stringify(message)
    } as const
    const response = await this.#retry({ operation: 'post', traceId, request }, POST)
    this.#breaker.close() // the backend is available, and the visitor is about to read the message
    const isReplay = headerOf(response, 'idempotency-replayed') === 'true'
    return { message: parseMessage(response.text), isReplay }
  }

  async close (): Promise<void> {
    this.#breaker.shutdown()
    await this.#pool.close()
  }

  async #read (call: Call): Promise<Response> {
    try {
      return await this.#breaker.fire(async () => await this.#retry(call, READ))
    } catch (error) {
      if (!CircuitBreaker.isOurError(error as Error)) throw error
      throw new BackendUnavailable('The circuit breaker of the backend is open.', { cause: error })
    }
  }

  async #retry (call: Call, { totalMs, attemptMs }: Timeouts): Promise<Response> {
    return await this.#retrier.run(
      async leftMs => await this.#attempt(call, Math.min(attemptMs, leftMs)),
      totalMs,
      () => { this.#retries.inc({ operation: call.operation }) }
    )
  }

  async #attempt ({ operation, traceId, request }: Call, timeoutMs: number): Promise<Response> {
    const stopTimer = this.#duration.startTimer({ operation })
    let response: Response
    try {
      if (this.#faults.storeDown) throw new Error('Injected fault: the backend is down.')
      const { statusCode, headers, body } = await this.#pool.request({
        ...request,
        headers: { ...request.headers, ...traceHeaders(traceId) },
        signal: AbortSignal.timeout(timeoutMs)
      })
      response = { statusCode, headers, text: await body.text() }
    } catch (error) {
      const isTimeout =
        error instanceof errors.ConnectTimeoutError || (error as Error).name === 'TimeoutError'
      stopTimer({ outcome: isTimeout ? 'timeout' : 'unreachable' })
      const reason = isTimeout ? 'The backend timed out.' : 'The backend is unreachable.'
      throw new BackendUnavailable(reason, { cause: error })
    }
    stopTimer({ outcome: outcomeOf(response.statusCode) })
    return throwOnError(response)
  }
}

const readOf = (operation: Operation, traceId: string, path: string, headers = {}): Call =>
  ({ operation, traceId, request: { method: 'GET', path, headers } })

function outcomeOf (statusCode: number): string {
  if (statusCode === 304) return 'unchanged'
  return statusCode < 400 ? 'ok' : statusCode < 500 ? 'refused' : 'error'
}

function throwOnError (response: Response): Response {
  const { statusCode, text } = response
  if (statusCode < 400) return response
  const reason = `The backend responded with status ${statusCode}.`
  if ([502, 503, 504].includes(statusCode)) throw new BackendUnavailable(reason)
  if (statusCode >= 500) throw new Error(reason)
  throw new BackendClientError(statusCode, parseProblem(text), headerOf(response, 'retry-after'))
}

function headerOf ({ headers }: Response, name: string): string | undefined {
  const value = headers[name]
  return Array.isArray(value) ? value[0] : value
}
