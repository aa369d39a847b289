import { expect, test } from '@jest/globals'
import { listen } from './helper.ts'

/** A service that listens; `say` sends raw bytes and returns status, body and head. */
async function start () {
  const { service, ...built } = await listen({
    routes: app => {
      app.get('/', async () => 'fine')
      app.post('/', async () => 'stored')
    }
  })
  const say = async (head: string, body = ''): Promise<[number, string, string]> => {
    const bytes = Buffer.from(`${head}\r\nConnection: close\r\n\r\n${body}`, 'latin1')
    const [answered = '', answer = ''] = (await built.say(bytes)).split('\r\n\r\n')
    return [Number(answered.split(' ')[1]), answer, answered]
  }
  return { say, service }
}

test.each([
  ['none', ''],
  ['an empty one', 'Host:'],
  ['two that differ', 'Host: a\r\nHost: b'],
  ['two that are the same', 'Host: a\r\nhost: a'],
  ['three', 'Host: a\r\nHost: a\r\nHOST: a'],
  ['a list', 'Host: a, b'],
  ['a URL', 'Host: http://a'],
  ['a path', 'Host: a/b'],
  ['a user', 'Host: user@a'],
  ['a space', 'Host: a b'],
  ['an invalid port', 'Host: a:http'],
  ['two ports', 'Host: a:1:2'],
  ['an address without brackets', 'Host: ::1'],
  ['brackets without an address', 'Host: [x]'],
  ['letters beyond ASCII', 'Host: \xfcber.example'],
  ['markup', 'Host: <script>']
])('a request with %s for Host is rejected', async (_kind, header) => {
  const { say, service } = await start()
  for (const method of ['GET', 'POST', 'OPTIONS']) {
    const [status, body] = await say(`${method} / HTTP/1.1${header && `\r\n${header}`}`)
    expect([status, JSON.parse(body)]).toMatchObject([
      400,
      { type: 'urn:guestbook:problem:bad-request', errors: [{ header: 'host' }] }
    ])
  }
  expect(service.lines.filter(({ status_code: status }) => status === 400)).toHaveLength(3)
})

test.each([
  'a', 'guestbook.example', 'guestbook.example.', 'GUESTBOOK.example:80', 'xn--bcher-kva.example',
  'under_score', '127.0.0.1:3000', '[::1]', '[::ffff:127.0.0.1]:3000', 'a:'
])('Host: %s is accepted', async host => {
  const { say } = await start()
  expect((await say(`GET / HTTP/1.1\r\nHost: ${host}`))[0]).toBe(200)
})

test('HTTP/1.0 requires no Host, and allows one', async () => {
  const { say } = await start()
  expect((await say('GET / HTTP/1.0'))[0]).toBe(200)
  expect((await say('GET / HTTP/1.0\r\nHost: a\r\nHost: a'))[0]).toBe(400)
})

const POST = 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2'

test.each(['gzip', 'br', 'GZIP', 'deflate', 'zstd', 'x-gzip', 'identity, gzip', 'chunked', ''])(
  'a body in the encoding %j is rejected with Accept-Encoding',
  async encoding => {
    const { say } = await start()
    const [status, body, head] = await say(
      `${POST}\r\nContent-Type: application/json\r\nContent-Encoding: ${encoding}`,
      '{}'
    )
    expect([status, JSON.parse(body)]).toMatchObject([
      415,
      { errors: [{ header: 'content-encoding', detail: 'must be identity' }] }
    ])
    expect(head).toMatch(/\r\naccept-encoding: identity/i)
  }
)

test.each([
  'iso-8859-1', 'latin1', 'windows-1252', 'UTF-16', 'utf-16le', 'utf-7', '"iso-8859-1"',
  'utf-8; charset=latin1', 'latin1; charset=utf-8', 'utf-8x', ''
])('a body in the charset %j is rejected', async charset => {
  const { say } = await start()
  for (const name of ['; charset', ';CHARSET', '; a=b;charset']) {
    const parameter = `${name}=${charset}`
    const [status, body] = await say(`${POST}\r\nContent-Type: application/json${parameter}`, '{}')
    expect([status, JSON.parse(body)]).toMatchObject([
      415,
      { errors: [{ header: 'content-type', detail: 'must name utf-8 or no charset' }] }
    ])
  }
})

test.each([
  '', '; charset=utf-8', ';charset=UTF-8', '; charset="utf-8"', '; Charset=utf8',
  '; charset=us-ascii', '; profile=x; charset=utf-8'
])('a body of type application/json%s is accepted', async parameter => {
  const { say } = await start()
  const head = `${POST}\r\nContent-Type: application/json${parameter}`
  expect((await say(`${head}\r\nContent-Encoding: Identity`, '{}'))[0]).toBe(200)
})

test.each([
  'application/json', 'application/x-www-form-urlencoded', 'text/plain; charset=latin1', 'nonsense'
])('the type %s is ignored without a body', async type => {
  const { say } = await start()
  for (const length of ['', '\r\nContent-Length: 0']) {
    expect((await say(`POST / HTTP/1.1\r\nHost: a${length}\r\nContent-Type: ${type}`))[0]).toBe(200)
  }
})
