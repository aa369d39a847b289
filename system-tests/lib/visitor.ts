import { request, type Dispatcher } from 'undici'
import type { Answer } from './api-client.ts'

export type { Answer }

/** The id of the message that the redirect after a post names. */
export function postedId ({ headers }: Answer): string {
  const id = /^\/messages\/([0-9a-f-]{36})$/.exec(String(headers.location))?.[1]
  if (id === undefined) {
    throw new Error(`The redirect after a post names no message: ${String(headers.location)}`)
  }
  return id
}

/** A client of the frontend that behaves like a browser: it keeps the cookie and posts the form. */
export class Visitor {
  /** The URL of the page. It may change, as behind a load balancer. */
  url: string
  readonly #dispatcher: Dispatcher
  readonly #timeoutMs: number
  #cookie = ''

  constructor (url: string, dispatcher: Dispatcher, timeoutMs = 10_000) {
    this.url = url
    this.#dispatcher = dispatcher
    this.#timeoutMs = timeoutMs
  }

  /** Whether a page was read, so that there is a form to post. */
  get hasForm (): boolean { return this.#cookie !== '' }

  async read (headers?: Record<string, string>): Promise<Answer> {
    return await this.#request({ method: 'GET', headers })
  }

  /** Posts the form, and does not follow the redirect. */
  async post (name: string, message: string): Promise<Answer> {
    const headers = {
      'content-type': 'application/x-www-form-urlencoded',
      origin: new URL(this.url).origin,
      'sec-fetch-site': 'same-origin'
    }
    return await this.#request({
      method: 'POST',
      headers,
      body: new URLSearchParams({ name, message, website: '' }).toString()
    })
  }

  async #request (options: {
    method: 'GET' | 'POST'
    headers?: Record<string, string> | undefined
    body?: string
  }): Promise<Answer> {
    const headers = {
      accept: 'text/html',
      ...(this.#cookie && { cookie: this.#cookie }),
      ...options.headers
    }
    const answer = await request(this.url, {
      ...options,
      headers,
      dispatcher: this.#dispatcher,
      signal: AbortSignal.timeout(this.#timeoutMs)
    })
    const cookie = [answer.headers['set-cookie'] ?? []].flat()[0]?.split(';')[0]
    if (cookie) this.#cookie = cookie
    return { status: answer.statusCode, headers: answer.headers, text: await answer.body.text() }
  }
}
