import type { App } from '@guestbook/service-kit'

type Headers = Record<string, string>
interface VisitorOptions { remoteAddress?: string, headers?: Headers }
interface Request { method: 'GET' | 'POST', url: string, payload?: string | Buffer }

/** A browser's part of HTTP: cookies, forms and Sec-Fetch-Site. */
export class Visitor {
  cookie: string | undefined
  readonly #app: App
  readonly #options: VisitorOptions

  constructor (app: App, options: VisitorOptions = {}) {
    this.#app = app
    this.#options = options
  }

  async get (url = '/', headers: Headers = {}) {
    return await this.send({ method: 'GET', url }, headers)
  }

  /** Posts the form. */
  async sign (
    fields: { name?: string; message?: string; website?: string },
    headers: Headers = {}
  ) {
    return await this.post(new URLSearchParams(fields).toString(), headers)
  }

  /** Posts a raw body, by default as a form of this site. */
  async post (payload: string | Buffer, headers: Headers = {}) {
    return await this.send({ method: 'POST', url: '/', payload }, {
      'content-type': 'application/x-www-form-urlencoded',
      'sec-fetch-site': 'same-origin',
      ...headers
    })
  }

  /** Sends a request with the cookie. */
  async send (request: Request, headers: Headers) {
    const cookie = this.cookie && { cookie: this.cookie }
    const response = await this.#app.inject({
      ...request,
      ...this.#options,
      headers: { ...this.#options.headers, ...cookie, ...headers }
    })
    const set = [response.headers['set-cookie']].flat()[0]
    if (set) this.cookie = set.split(';')[0]
    return response
  }
}
