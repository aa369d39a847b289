import { once } from 'node:events'
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { text } from 'node:stream/consumers'
import { request } from 'undici'

export async function statusOf (url: string): Promise<number> {
  const { statusCode, body } = await request(url)
  await body.dump()
  return statusCode
}

/** Resolves once the request is sent; await its answer separately. */
export async function sendRequest (
  url: string
): Promise<{ answer: Promise<{ status: number; text: string }> }> {
  const outgoing = httpRequest(url, { agent: false })
  const answer = (once(outgoing, 'response') as Promise<[IncomingMessage]>).then(
    async ([response]) => ({ status: response.statusCode ?? 0, text: await text(response) })
  )
  answer.catch(() => {}) // handled where it is awaited
  outgoing.end()
  await once(outgoing, 'finish')
  return { answer }
}
