import { afterEach, beforeEach, expect, jest, test } from '@jest/globals'
import { EventEmitter } from 'node:events'
import http from 'node:http'
import type { AddressInfo } from 'node:net'

/** Requests; nothing is sent while the network is cut. */
let sent: http.RequestOptions[]
let cutOff: boolean
jest.unstable_mockModule('node:http', () => ({
  request: (options: http.RequestOptions, listener: (response: http.IncomingMessage) => void) => {
    sent.push(options)
    if (!cutOff) return http.request(options, listener)
    const stub = Object.assign(new EventEmitter(), {
      end: () => stub.emit('error', new Error('no'))
    })
    return stub
  }
}))
const { request } = await import('../../cli/request.ts')

let server: http.Server
let url: string
let requests: unknown[]
beforeEach(async () => {
  ;[sent, cutOff, requests] = [[], false, []]
  server = http.createServer((message, response) => {
    let body = ''
    message
      .setEncoding('utf8')
      .on('data', chunk => {
        body += chunk
      })
      .on('end', () => {
        requests.push([message.method, message.headers.host, message.url, body])
        // One letter in two chunks.
        const [first, ...others] = Buffer.from('änswer')
        response.writeHead(303, { location: '/there' }).write(Buffer.from([first!]))
        response.end(Buffer.from(others))
      })
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  url = `http://a.localhost:${(server.address() as AddressInfo).port}`
})
afterEach(async () => {
  jest.restoreAllMocks()
  server.closeAllConnections()
  await new Promise(resolve => server.close(resolve))
})

test.each([
  ['http://localhost/a', '127.0.0.1', 80, 'localhost', { agent: false }],
  ['http://g.localhost:8080/a', '127.0.0.1', '8080', 'g.localhost:8080', { agent: false }],
  ['http://book.example/a', 'book.example', 80, 'book.example', {}],
  ['http://notlocalhost/a', 'notlocalhost', 80, 'notlocalhost', {}]
])('a request to %s goes to %s, port %s', async (to, host, port, name, agent) => {
  cutOff = true
  await expect(request(to)).rejects.toThrow('no')
  const signal = expect.anything()
  expect(sent).toEqual([
    { ...agent, host, port, path: '/a', method: 'GET', headers: { host: name }, signal }
  ])
})

test('a form is posted, and the answer is returned', async () => {
  expect(await request(`${url}/x`, { name: 'a b', message: 'ä&c' })).toEqual({
    status: 303,
    body: 'änswer',
    location: '/there'
  })
  expect(requests).toEqual([
    ['POST', url.replace('http://', ''), '/x', 'name=a+b&message=%C3%A4%26c']
  ])
  expect(sent[0]!.headers).toMatchObject({
    'content-type': 'application/x-www-form-urlencoded',
    'content-length': 27
  })
})

test('requests to this computer use no proxy', async () => {
  const { globalAgent } = http
  const proxied = { proxyEnv: { http_proxy: 'http://127.0.0.1:1' } } as http.AgentOptions
  http.globalAgent = new http.Agent(proxied)
  try {
    expect(await request(url)).toMatchObject({ status: 303 })
  } finally {
    http.globalAgent = globalAgent
  }
})

test('a request is over after ten seconds', async () => {
  const timeout = jest.spyOn(AbortSignal, 'timeout').mockReturnValue(AbortSignal.abort())
  await expect(request(url)).rejects.toThrow('aborted')
  expect(timeout.mock.calls).toEqual([[10_000]])
})
