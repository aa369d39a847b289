/** `make smoke` against a platform of this process, whose answers are right, late or wrong. */
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals'
import * as http from 'node:http'
import type { AddressInfo } from 'node:net'
import { answer, fakePrograms, print } from './fake-programs.ts'

/** The clock of the smoke test: it goes on only where it waits. */
const clock = { now: 0, waits: [] as number[], jumps: [] as number[] }
jest.unstable_mockModule('node:timers/promises', () => ({
  setTimeout: async (milliseconds: number) => {
    clock.waits.push(milliseconds)
    clock.now += clock.jumps.shift() ?? milliseconds
  }
}))
const { smoke } = await import('../../cli/smoke.ts')

type Reply = readonly [status: number, body: string, headers?: http.OutgoingHttpHeaders]
/** What the platform answers otherwise than it should, by method and URL. */
let wrong: (requests: string, times: number) => Reply | undefined
let requests: string[]
let posted: string[]
let server: http.Server
let port: number

beforeEach(async () => {
  Object.assign(clock, { now: Date.parse('2026-11-25T12:00:00Z'), waits: [], jumps: [] })
  jest.spyOn(Date, 'now').mockImplementation(() => clock.now)
  wrong = () => undefined
  ;[requests, posted] = [[], []]
  server = http.createServer((message, response) => {
    let body = ''
    message.on('data', chunk => { body += chunk }).on('end', () => {
      const one = `${message.method} ${message.headers.host}${message.url}`
      requests.push(one)
      if (message.method === 'POST') posted.push(body)
      const page = posted.map(form => new URLSearchParams(form).get('message')).join('\n')
      const right: Reply = message.method === 'POST'
        ? [303, '', { location: '/messages/a b' }]
        : [200, page]
      const [status, text, headers] = wrong(one.replaceAll(`:${port}`, ''),
        requests.filter(other => other === one).length) ?? right
      response.writeHead(status, headers).end(text)
    })
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  port = (server.address() as AddressInfo).port
})
afterEach(async () => {
  server.closeAllConnections()
  await new Promise(resolve => server.close(resolve))
})

const fake = (programs: Record<string, string> = { kubectl: '' }, settings: object = {}) =>
  fakePrograms(programs, { target: { ports: { http: port } }, ...settings })
const give = (texts: readonly string[]) => texts.map(text => text.replaceAll(`:${port}`, ''))

test('every component is requested, a message is posted, read back and hidden', async () => {
  const { context, calls, output, kubectl } = fake()
  await smoke(context)
  expect(give(requests)).toEqual([
    'GET localhost/',
    'GET frontend.localhost/',
    'GET grafana.localhost/api/health',
    'GET prometheus.localhost/-/ready',
    'POST localhost/',
    'GET localhost/'
  ])
  expect(posted).toEqual([expect.stringMatching(
    /^name=Smoke\+test&message=Smoke\+test\+of\+\d{4}-\d\d-\d\dT\d\d%3A\d\d%3A\d\d\.\d{3}Z$/)])
  expect(give(output)).toEqual([
    '  ok      Guestbook answers at http://localhost',
    '  ok      Guestbook answers at http://frontend.localhost',
    '  ok      Grafana answers at http://grafana.localhost',
    '  ok      Prometheus answers at http://prometheus.localhost',
    '  ok      a message is accepted',
    '  ok      the message is on the page',
    '  ok      the message is hidden again'
  ])
  expect(calls()).toEqual([`${kubectl} exec ` +
    '--namespace guestbook deployment/guestbook-backend -- node --eval ' +
    'fetch(\'http://127.0.0.1:3001/api/v1/messages/a%20b/hide\', { method: \'POST\', headers: ' +
    '{ authorization: \'Bearer \' + process.env.MODERATOR_TOKEN } })' +
    '.then(({ ok }) => process.exit(ok ? 0 : 1))'])
  expect(clock.waits).toEqual([])
})

test('a message that could not be hidden is no failure, and is named', async () => {
  const { context, output } = fake({ kubectl: 'exit 1' })
  await smoke(context)
  expect(output.at(-1)).toBe(
    '  note    message a b of the smoke test stays visible: it could not be hidden')
})

describe('the smoke test fails, and says why,', () => {
  const page = 'GET localhost/'
  test.each<[string, string, string, (requests: string) => Reply | undefined]>([
    ['when the page is not served', 'Guestbook answers at http://localhost', 'status 503',
      one => one === page ? [503, ''] : undefined],
    ['when the second host leads elsewhere', 'Guestbook answers at http://frontend.localhost',
      'status 404', one => one === 'GET frontend.localhost/' ? [404, ''] : undefined],
    ['when Grafana is not well', 'Grafana answers at http://grafana.localhost', 'status 503',
      one => one.endsWith('/api/health') ? [503, ''] : undefined],
    ['when Prometheus is not ready', 'Prometheus answers at http://prometheus.localhost',
      'status 204', one => one.endsWith('/-/ready') ? [204, ''] : undefined],
    ['when the post shows the form again', 'a message is accepted', 'status 200',
      one => one.startsWith('POST') ? [200, ''] : undefined],
    ['when the post is rejected', 'a message is accepted', 'status 429',
      one => one.startsWith('POST') ? [429, ''] : undefined],
    ['when the message is not on the page', 'the message is on the page', 'status 200',
      one => one === page ? [200, 'Smoke test of 2026-11-25T11:59:59.999Z'] : undefined]
  ])('%s', async (_, what, seen, replies) => {
    wrong = replies
    clock.jumps = [120_000, 1]
    const { context, calls } = fake()
    const failure = await smoke(context).then(() => 'none', error => error.message)
    expect(give([failure])).toEqual([`smoke test: ${what}: still ${seen} after 120 s. ` +
      '`make status` shows the pods, `make logs` the logs of the services.'])
    expect(clock.waits).toEqual([1000, 1000])
    expect(calls()).toEqual([])
  })

  test('without a listener', async () => {
    clock.jumps = [120_001]
    server.closeAllConnections()
    await new Promise(resolve => server.close(resolve))
    const { context } = fake()
    await expect(smoke(context)).rejects.toThrow(/answers at .*: still connect ECONNREFUSED/)
  })
})

test('a component that is not ready is requested again after a second', async () => {
  wrong = (one, times) => one === 'GET grafana.localhost/api/health' && times < 4
    ? [503, '']
    : undefined
  const { context, output } = fake()
  await smoke(context)
  expect(clock.waits).toEqual([1000, 1000, 1000])
  expect(output).toHaveLength(7)
})

describe('where Argo CD delivers', () => {
  const source = { path: 'charts/guestbook-backend' }
  const item = (name: string, status: string, comparedTo: object = source) => ({
    metadata: { name },
    spec: { source },
    status: {
      sync: { status, revision: '0123456789abcdef', comparedTo: { source: comparedTo } },
      health: { status: 'Healthy' }
    }
  })
  const application = (status: string, comparedTo?: object) =>
    JSON.stringify({ items: [item('guestbook-backend', status, comparedTo)] })
  const [OUT, IN] = [item('guestbook-backend', 'OutOfSync'), item('guestbook-frontend', 'Synced')]
  const settings = () => ({
    target: { ports: { http: port } },
    images: { repository: 'r.example' },
    delivery: { mode: 'argocd', repository: 'https://git.example/r' }
  })
  /** kubectl gives the first answer once, then the second. */
  const answers = (first: string, then: string) => ({
    kubectl: answer({
      '*get applications*': `if mkdir "$0.once" 2>/dev/null; then\n${first}\nelse\n${then}\nfi`,
      '*exec*': ''
    })
  })
  const wait = '  wait    guestbook-backend    OutOfSync, Healthy at 0123456'

  test.each([
    ['is synced', print(application('OutOfSync')), [wait]],
    ['is synced as a whole', print(JSON.stringify({ items: [IN, OUT] })),
      ['  wait    guestbook-frontend   Synced, Healthy at 0123456', wait]],
    ['is compared with what it says now', print(application('Synced', { path: 'charts/old' })),
      ['  wait    guestbook-backend    Synced, Healthy at 0123456']],
    ['has an Application', print('{ "items": [] }'), []],
    ['is there', 'exit 1', []]
  ])('the smoke test waits until it %s', async (_, first, waited) => {
    const synced = print(application('Synced'))
    const { context, calls, output, kubectl } = fake(answers(first, synced), settings())
    await smoke(context)
    expect(clock.waits).toEqual([1000])
    expect(output.slice(0, waited.length + 1))
      .toEqual([...waited, '  ok      Argo CD has delivered what Git contains'])
    expect(calls()[0]).toBe(`${kubectl} get applications.argoproj.io ` +
      '--namespace argocd --output json --request-timeout=10s')
  })

  test.each([
    ['what is missing', print(application('OutOfSync')),
      'guestbook-backend    OutOfSync, Healthy at 0123456', [wait]],
    ['that there is nothing', 'exit 1', 'there is no Application', []]
  ])('it fails after ten minutes and prints %s', async (_, reply, seen, printed) => {
    clock.jumps = [600_000, 1]
    const { context, output } = fake(answers(reply, reply), settings())
    await expect(smoke(context)).rejects.toThrow(
      `smoke test: Argo CD has not delivered after 600 s:\n  ${seen}`)
    expect(clock.waits).toEqual([1000, 1000])
    expect(output).toEqual(printed)
    expect(requests).toEqual([])
  })
})
