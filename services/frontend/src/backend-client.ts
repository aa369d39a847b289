import {
  LATENCY_BUCKETS,
  newTraceId,
  TIME_BUDGET,
  traceHeaders,
  type FieldError,
  type Service
} from '@guestbook/service-kit'
import { Ajv } from 'ajv'
import type { FromSchema, JSONSchema } from 'json-schema-to-ts'
import CircuitBreaker from 'opossum'
import { Counter, Gauge, Histogram } from 'prom-client'
import { errors, Pool, type Dispatcher } from 'undici'
import { Retrier } from './retry.ts'

const CONNECTIONS = 64

// What we need of the backend's answers (services/backend/openapi.json has all of it).
const text = { type: 'string' } as const
const MessageSchema = {
  type: 'object',
  properties: { id: text, name: text, message: text, createdAt: text },
  required: ['id', 'name', 'message', 'createdAt']
} as const satisfies JSONSchema
const PageSchema = {
  type: 'object',
  properties: {
    messages: { type: 'array', items: MessageSchema },
    nextCursor: { type: ['string', 'null'] }
  },
  required: ['messages', 'nextCursor']
} as const satisfies JSONSchema
const RefusalSchema = {
  type: 'object',
  properties: {
    detail: text,
    createdAt: text,
    errors: {
      type: 'array',
      items: {
        type: 'object',
        properties: { pointer: text, parameter: text, header: text, detail: text },
        required: ['detail']
      }
    }
  },
  required: ['detail']
} as const satisfies JSONSchema

const ajv = new Ajv()
export type Message = FromSchema<typeof MessageSchema>
export type Page = FromSchema<typeof PageSchema>
const isMessage = ajv.compile<Message>(MessageSchema)
const isPage = ajv.compile<Page>(PageSchema)
const isRefusal = ajv.compile<FromSchema<typeof RefusalSchema>>(RefusalSchema)

const NEWEST = { method: 'GET', path: '/api/v1/messages' } as const
/** How long a call may take in all, and each of its attempts. */
const READ = { totalMs: TIME_BUDGET.pageMs, attemptMs: TIME_BUDGET.pageMs }
const POST = { totalMs: TIME_BUDGET.postMs, attemptMs: TIME_BUDGET.postAttemptMs }

/** Who asks: the trace the call belongs to. */
export interface Caller { readonly traceId: string }

export interface Post {
  readonly name: string
  readonly message: string
  readonly idempotencyKey: string
  /** The visitor's address, so that the backend counts visitors and not frontends. */
  readonly clientIp: string
}

export interface Posted {
  readonly message: Message
  /** Whether an earlier attempt has stored it, one of this call or of an earlier one. */
  readonly isReplay: boolean
}

/** The backend did not answer, not in time, or not sensibly; whether a post was stored is unknown. */
export class BackendUnavailable extends Error {
  constructor (reason: string, options?: ErrorOptions) {
    super(reason, options)
    this.name = 'BackendUnavailable'
  }
}

/** The backend says that the request is wrong and why; nothing was stored. */
export class BackendClientError extends Error {
  readonly statusCode: number
  readonly errors: FieldError[]
  readonly retryAfter: string | undefined
  /** When the message was stored that the post repeats, if it is hidden now. */
  readonly createdAt: string | undefined

  constructor (
    statusCode: number,
    refusal: FromSchema<typeof RefusalSchema>,
    retryAfter: string | undefined
  ) {
    const { detail, errors = [], createdAt } = refusal
    super(detail)
    this.name = 'BackendClientError'
    this.statusCode = statusCode
    this.errors = errors
    this.retryAfter = retryAfter
    this.createdAt = createdAt
  }
}

interface Answer { statusCode: number, headers: Dispatcher.ResponseData['headers'], text: string }

/**
 * The backend's API as the pages need it: bounded in time, retried where that is safe, its answers
 * checked. After a read that failed, all reads fail at once until the backend answers again, which
 * is tried in the background: no visitor waits for a backend that is known to be down.
 */
export class BackendClient {
  readonly #pool: Pool
  readonly #breaker: CircuitBreaker<[() => Promise<Answer>], Answer>
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
      help: 'Seconds an attempt to call the backend took as the frontend sees it, by operation and outcome (ok, unchanged, refused, error, timeout, unreachable).',
      labelNames: ['operation', 'outcome'],
      buckets: LATENCY_BUCKETS,
      registers: metrics.registers
    })
    this.#retries = new Counter({
      name: 'guestbook_backend_retries_total',
      help: 'Attempts beyond the first to call the backend, by operation.',
      labelNames: ['operation'],
      registers: metrics.registers
    })
    const open = new Gauge({
      name: 'guestbook_backend_breaker_open',
      help: '1 while reads of the backend fail at once, since the last one failed.',
      registers: metrics.registers
    })
    this.#breaker = new CircuitBreaker(async read => await read(), {
      timeout: false, // each read bounds itself
      errorThresholdPercentage: 0, // a single one, which has had all its attempts
      resetTimeout: TIME_BUDGET.breakerProbeMs,
      errorFilter: error => !(error instanceof BackendUnavailable)
    })
    this.#breaker.on('open', () => {
      open.set(1)
    })
    this.#breaker.on('close', () => {
      open.set(0)
    })
    this.#breaker.on('halfOpen', () => {
      // the next read decides: let it be none of a visitor
      this.#breaker
        .fire(
          async () =>
            await this.#attempt('newest', { traceId: newTraceId() }, NEWEST, READ.attemptMs)
        )
        .catch(() => {})
    })
  }

  /** The newest messages, or undefined when they are still those of `etag`. */
  async newest (
    caller: Caller,
    etag?: string
  ): Promise<{ page: Page; etag: string | undefined } | undefined> {
    const answer = await this.#read('newest', caller, {
      ...NEWEST,
      headers: etag === undefined ? {} : { 'if-none-match': etag }
    })
    if (answer.statusCode === 304) return undefined
    return { page: parse(isPage, answer), etag: headerOf(answer, 'etag') }
  }

  async older (caller: Caller, cursor: string): Promise<Page> {
    const path = `/api/v1/messages?cursor=${encodeURIComponent(cursor)}`
    return parse(isPage, await this.#read('older', caller, { method: 'GET', path }))
  }

  /** Undefined when there is none that visitors may see. */
  async message (caller: Caller, id: string): Promise<Message | undefined> {
    try {
      const path = `/api/v1/messages/${id}`
      return parse(isMessage, await this.#read('message', caller, { method: 'GET', path }))
    } catch (error) {
      if (error instanceof BackendClientError && error.statusCode === 404) return undefined
      throw error
    }
  }

  /** Stores a message once, however often it is tried. */
  async post (caller: Caller, { idempotencyKey, clientIp, ...message }: Post): Promise<Posted> {
    const answer = await this.#call('post', caller, POST, {
      method: 'POST',
      path: '/api/v1/messages',
      headers: {
        'content-type': 'application/json',
        'idempotency-key': idempotencyKey,
        'x-forwarded-for': clientIp
      },
      body: JSON.stringify(message)
    })
    this.#breaker.close() // the backend answers, and its visitor is about to look for the message
    const isReplay = headerOf(answer, 'idempotency-replayed') === 'true'
    return { message: parse(isMessage, answer), isReplay }
  }

  async close (): Promise<void> {
    this.#breaker.shutdown()
    await this.#pool.close()
  }

  async #read (
    operation: string,
    caller: Caller,
    options: Dispatcher.RequestOptions
  ): Promise<Answer> {
    try {
      return await this.#breaker.fire(
        async () => await this.#call(operation, caller, READ, options)
      )
    } catch (error) {
      if (!CircuitBreaker.isOurError(error as Error)) throw error
      throw new BackendUnavailable(
        'The backend did not answer a moment ago; it is asked again in the background.',
        { cause: error }
      )
    }
  }

  async #call (
    operation: string,
    caller: Caller,
    { totalMs, attemptMs }: typeof POST | typeof READ,
    options: Dispatcher.RequestOptions
  ): Promise<Answer> {
    return await this.#retrier.run(
      async leftMs =>
        await this.#attempt(operation, caller, options, Math.min(attemptMs, leftMs)),
      {
        totalMs,
        isTransient: error => error instanceof BackendUnavailable,
        onRetry: () => {
          this.#retries.inc({ operation })
        }
      }
    )
  }

  async #attempt (
    operation: string,
    caller: Caller,
    options: Dispatcher.RequestOptions,
    timeoutMs: number
  ): Promise<Answer> {
    const stop = this.#duration.startTimer({ operation })
    let answer: Answer
    try {
      if (this.#faults.storeDown) {
        throw new Error('the backend counts as down by an injected fault')
      }
      const { statusCode, headers, body } = await this.#pool.request({
        ...options,
        headers: { ...options.headers, ...traceHeaders(caller.traceId) },
        signal: AbortSignal.timeout(timeoutMs)
      })
      answer = { statusCode, headers, text: await body.text() }
    } catch (error) {
      const isTimeout =
        error instanceof errors.ConnectTimeoutError || (error as Error).name === 'TimeoutError'
      stop({ outcome: isTimeout ? 'timeout' : 'unreachable' })
      throw new BackendUnavailable(
        `The backend ${isTimeout ? 'did not answer in time' : 'cannot be reached'}.`,
        { cause: error }
      )
    }
    stop({ outcome: outcomeOf(answer.statusCode) })
    if ([502, 503, 504].includes(answer.statusCode)) {
      throw new BackendUnavailable(`The backend answered ${answer.statusCode}.`)
    }
    if (answer.statusCode >= 500) throw new Error(`The backend answered ${answer.statusCode}.`)
    if (answer.statusCode >= 400) throw refusal(answer)
    return answer
  }
}

function outcomeOf (statusCode: number): string {
  if (statusCode === 304) return 'unchanged'
  return statusCode < 400 ? 'ok' : statusCode < 500 ? 'refused' : 'error'
}

function headerOf ({ headers }: Answer, name: string): string | undefined {
  const value = headers[name]
  return Array.isArray(value) ? value[0] : value
}

function parse<T> (isExpected: (value: unknown) => value is T, { text }: Answer): T {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch { /* undefined fails the check */ }
  if (!isExpected(value)) {
    throw new Error('The backend answered something that is not in its contract.')
  }
  return value
}

function refusal (answer: Answer): BackendClientError {
  return new BackendClientError(
    answer.statusCode,
    parse(isRefusal, answer),
    headerOf(answer, 'retry-after')
  )
}
