/**
 * The ceiling: node:http alone, answering with bytes that it fetched once at its start.
 * Settings: PORT, UPSTREAM_PAGE and UPSTREAM_LIST (URLs of a page and of a list of messages).
 */
import { createServer } from 'node:http'

async function fetched (url) {
  const response = await fetch(url, { headers: { 'accept-encoding': 'identity' } })
  const body = Buffer.from(await response.arrayBuffer())
  return {
    body,
    headers: {
      'content-type': response.headers.get('content-type'),
      'content-length': body.length
    }
  }
}

const page = await fetched(process.env.UPSTREAM_PAGE)
const list = await fetched(process.env.UPSTREAM_LIST)

createServer((request, response) => {
  const { headers, body } = request.url === '/' ? page : list
  response.writeHead(200, headers).end(body)
}).listen(Number(process.env.PORT), '127.0.0.1')
