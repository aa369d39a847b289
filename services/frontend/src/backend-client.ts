import { LATENCY_BUCKETS, traceHeaders, type FieldError, type Service } from '@guestbook/service-kit'
import { Ajv } from 'ajv'
import type { FromSchema, JSONSchema } from 'json-schema-to-ts'
import { Counter, Histogram } from 'prom-client'
import { errors, Pool, type Dispatcher } from 'undici'
import { Retrier } from './retry.ts'

/** Longest one attempt may take: more than the backend gives its store, so that its answer is still heard. */
const ATTEMPT_TIMEOUT_MS = 5000
/** No attempt begins later than this after the visitor's request. */
const READ_DEADLINE_MS = 2500
const POST_DEADLINE_MS = 5000
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
  properties: { messages: { type: 'array', items: MessageSchema }, nextCursor: { type: ['string', 'null'] } },
  required: ['messages', 'nextCursor']
} as const satisfies JSONSchema
const RefusalSchema = {
  type: 'object',
  properties: {
    detail: text,
    errors: { type: 'array', items: { type: 'object', properties: { pointer: text, parameter: text, header: text, detail: text }, required: ['detail'] } }
  },
  required: ['detail']
} as const satisfies JSONSchema

const ajv = new Ajv()
export type Message = FromSchema<typeof MessageSchema>
export type Page = FromSchema<typeof PageSchema>
const isMessage = ajv.compile<Message>(MessageSchema)
const isPage = ajv.compile<Page>(PageSchema)
const isRefusal = ajv.compile<FromSchema<typeof RefusalSchema>>(RefusalSchema)

/** Who asks: the trace the call belongs to. */
export interface Caller { readonly traceId: string }

export interface Post {
  readonly name: string
  readonly message: string
  readonly idempotencyKey: string
  /** The visitor's address, so that the backend counts visitors and not frontends. */
  readonly clientIp: string
}

/** The backend did not answer, not in time, or not sensibly; whether a post was stored is unknown. */
export class BackendUnavailable extends Error {
  constructor (reason: string, options?: ErrorOptions) {
    super(reason, options)
    this.name = 'BackendUnavailable'
  }
}

/** The backend says that the request is wrong and why; nothing was stored. */
export class BackendRefusal extends Error {
  readonly statusCode: number
  readonly errors: FieldError[]
  readonly retryAfter: string | undefined

  constructor (statusCode: number, detail: string, errors: FieldError[], retryAfter: string | undefined) {
    super(detail)
    this.name = 'BackendRefusal'
    this.statusCode = statusCode
    this.errors = errors
    this.retryAfter = retryAfter
  }
}

interface Answer { statusCode: number, headers: Dispatcher.ResponseData['headers'], text: string }

/** The backend's API as the pages need it: bounded in time, retried where that is safe, its answers checked. */
export class BackendClient {
  readonly #pool: Pool
  readonly #retrier = new Retrier()
  readonly #faults: Service['faults']
  readonly #duration: Histogram
  readonly #retries: Counter

  constructor (url: string, { metrics, faults }: Pick<Service, 'metrics' | 'faults'>) {
    this.#pool = new Pool(new URL(url).origin, { connections: CONNECTIONS, connect: { timeout: 1000 } })
    this.#faults = faults
    this.#duration = new Histogram({
      name: 'guestbook_backend_request_duration_seconds',
      help: 'Seconds an attempt to call the backend took as the frontend sees it, by operation and outcome (ok, unchanged, refused, error, timeout, unreachable).',
      labelNames: ['operation', 'outcome'],
      buckets: LATENCY_BUCKETS,
      registers: metrics.registers
    })
    this.#retries = new Counter({ name: 'guestbook_backend_retries_total', help: 'Attempts beyond the first to call the backend, by operation.', labelNames: ['operation'], registers: metrics.registers })
  }

  /** The newest messages, or undefined when they are still those of `etag`. */
  async newest (caller: Caller, etag?: string): Promise<{ page: Page, etag: string | undefined } | undefined> {
    const answer = await this.#call('newest', caller, READ_DEADLINE_MS, {
      method: 'GET', path: '/api/v1/messages', headers: etag === undefined ? {} : { 'if-none-match': etag }
    })
    if (answer.statusCode === 304) return undefined
    return { page: parse(isPage, answer), etag: headerOf(answer, 'etag') }
  }

  async older (caller: Caller, cursor: string): Promise<Page> {
    const path = `/api/v1/messages?cursor=${encodeURIComponent(cursor)}`
    return parse(isPage, await this.#call('older', caller, READ_DEADLINE_MS, { method: 'GET', path }))
  }

  /** Stores a message once, however often it is tried. */
  async post (caller: Caller, { idempotencyKey, clientIp, ...message }: Post): Promise<Message> {
    return parse(isMessage, await this.#call('post', caller, POST_DEADLINE_MS, {
      method: 'POST',
      path: '/api/v1/messages',
      headers: { 'content-type': 'application/json', 'idempotency-key': idempotencyKey, 'x-forwarded-for': clientIp },
      body: JSON.stringify(message)
    }))
  }

  async close (): Promise<void> {
    await this.#pool.close()
  }

  async #call (operation: string, caller: Caller, deadlineMs: number, options: Dispatcher.RequestOptions): Promise<Answer> {
    return await this.#retrier.run(async () => await this.#attempt(operation, caller, options), {
      deadlineMs,
      isTransient: error => error instanceof BackendUnavailable,
      onRetry: () => { this.#retries.inc({ operation }) }
    })
  }

  async #attempt (operation: string, caller: Caller, options: Dispatcher.RequestOptions): Promise<Answer> {
    const stop = this.#duration.startTimer({ operation })
    let answer: Answer
    try {
      if (this.#faults.storeDown) throw new Error('the backend counts as down by an injected fault')
      const { statusCode, headers, body } = await this.#pool.request({
        ...options,
        headers: { ...options.headers, ...traceHeaders(caller.traceId) },
        signal: AbortSignal.timeout(ATTEMPT_TIMEOUT_MS)
      })
      answer = { statusCode, headers, text: await body.text() }
    } catch (error) {
      const isTimeout = error instanceof errors.ConnectTimeoutError || (error as Error).name === 'TimeoutError'
      stop({ outcome: isTimeout ? 'timeout' : 'unreachable' })
      throw new BackendUnavailable(`The backend ${isTimeout ? 'did not answer in time' : 'cannot be reached'}.`, { cause: error })
    }
    stop({ outcome: outcomeOf(answer.statusCode) })
    if ([502, 503, 504].includes(answer.statusCode)) throw new BackendUnavailable(`The backend answered ${answer.statusCode}.`)
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
  if (!isExpected(value)) throw new Error('The backend answered something that is not in its contract.')
  return value
}

function refusal (answer: Answer): BackendRefusal {
  const problem = parse(isRefusal, answer)
  return new BackendRefusal(answer.statusCode, problem.detail, problem.errors ?? [], headerOf(answer, 'retry-after'))
}
