import { once } from 'node:events'
import { Agent, request as send, type IncomingHttpHeaders } from 'node:http'
import { text } from 'node:stream/consumers'
import { serve } from './helper.ts'

export interface Exchange {
  request: { method: string, url: URL, headers: IncomingHttpHeaders, body: string }
  response: { status: number, headers: IncomingHttpHeaders, body: string }
}

/** A proxy that records the requests and responses of a backend. */
export async function startRecordingProxy (backend: string) {
  const exchanges: Exchange[] = []
  const url = await serve((request, response) => {
    void text(request).then(async body => {
      const { method = '', headers } = request
      const url = new URL(request.url ?? '/', backend)
      // A separate agent ignores the proxy settings of the environment.
      const onward = send(url, { agent: new Agent(), method, headers }).end(body)
      const [answer] = await once(onward, 'response')
      const answered: string = await text(answer)
      exchanges.push({
        request: { method, url, headers, body },
        response: { status: answer.statusCode, headers: answer.headers, body: answered }
      })
      response.writeHead(answer.statusCode, answer.headers).end(answered)
    })
  })
  return { url, exchanges }
}
