import { request as send } from 'node:http'

export interface Answer {
  readonly status: number
  readonly body: string
  readonly location?: string
}

/**
 * Sends a request to a host of the platform. Names under .localhost are sent to 127.0.0.1, without
 * DNS and without a proxy.
 * @throws Error without an answer within 10 seconds
 */
export async function request (url: string, form?: Record<string, string>): Promise<Answer> {
  const { hostname, port, pathname, host } = new URL(url)
  const local = /(^|\.)localhost$/.test(hostname)
  const body = form && new URLSearchParams(form).toString()
  return await new Promise((resolve, reject) => {
    send(
      {
        host: local ? '127.0.0.1' : hostname,
        ...(local && { agent: false }),
        port: port || 80,
        path: pathname,
        method: body ? 'POST' : 'GET',
        headers: {
          host,
          ...(body && {
            'content-type': 'application/x-www-form-urlencoded',
            'content-length': Buffer.byteLength(body)
          })
        },
        signal: AbortSignal.timeout(10_000)
      },
      response => {
        let text = ''
        response
          .setEncoding('utf8')
          .on('data', chunk => {
            text += chunk
          })
          .on('error', reject)
          .on('end', () =>
            resolve({
              status: response.statusCode!,
              body: text,
              location: response.headers.location
            })
          )
      }
    )
      .on('error', reject)
      .end(body)
  })
}
