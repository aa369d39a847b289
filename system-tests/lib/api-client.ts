import { request, type Dispatcher } from 'undici'

const PATH = '/api/v1/messages'

export interface Answer {
  status: number
  headers: Dispatcher.ResponseData['headers']
  text: string
}

export interface Message { id: string, name: string, message: string }
export interface MessagePage { messages: Message[], nextCursor: string | null }

export interface ApiOptions {
  dispatcher?: Dispatcher
  timeoutMs?: number
  /** Needed to hide and restore. */
  moderatorToken?: string
}

/** A client of the backend's API. It returns every answer; only `all` insists on success. */
export class ApiClient {
  readonly #url: string
  readonly #options: ApiOptions

  constructor (backendUrl: string, options: ApiOptions = {}) {
    this.#url = `${backendUrl}${PATH}`
    this.#options = options
  }

  async post (draft: { name: string, message: string }, idempotencyKey?: string): Promise<Answer> {
    return await this.#request('POST', '', {
      'content-type': 'application/json',
      ...(idempotencyKey !== undefined && { 'idempotency-key': idempotencyKey })
    }, JSON.stringify(draft))
  }

  async get (id: string): Promise<Answer> { return await this.#request('GET', `/${id}`) }

  async moderate (id: string, action: 'hide' | 'restore'): Promise<Answer> {
    const authorization = `Bearer ${this.#options.moderatorToken}`
    return await this.#request('POST', `/${id}/${action}`, { authorization })
  }

  /** A page of messages, newest first. */
  async list ({ limit = 100, cursor = '' } = {}): Promise<Answer> {
    return await this.#request('GET', `?limit=${limit}${cursor && `&cursor=${cursor}`}`)
  }

  /** Every visible message, newest first. @throws Error with an answer that is no list */
  async all (): Promise<Message[]> {
    const messages: Message[] = []
    for (let cursor: string | null = ''; cursor !== null;) {
      const { status, text } = await this.list({ cursor })
      if (status !== 200) throw new Error(`The API answered ${status}: ${text}`)
      const page = JSON.parse(text) as MessagePage
      messages.push(...page.messages)
      cursor = page.nextCursor
    }
    return messages
  }

  async #request (
    method: 'GET' | 'POST',
    path: string,
    headers: Record<string, string> = {},
    body?: string
  ): Promise<Answer> {
    const { dispatcher, timeoutMs = 10_000 } = this.#options
    const answer = await request(`${this.#url}${path}`, {
      method,
      headers,
      ...(body !== undefined && { body }),
      ...(dispatcher && { dispatcher }),
      signal: AbortSignal.timeout(timeoutMs)
    })
    return { status: answer.statusCode, headers: answer.headers, text: await answer.body.text() }
  }
}
