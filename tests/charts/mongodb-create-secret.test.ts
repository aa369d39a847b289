import crypto from 'node:crypto'
import { once } from 'node:events'
import http, { type ClientRequest, type IncomingMessage, type RequestOptions } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'
import { expect, test } from '@jest/globals'
import { cleanUp } from '@guestbook/service-kit/testing'
import { freePort } from '../../system-tests/lib/free-port.ts'
import { filesystem, runInMongosh } from './mongosh.ts'

interface Asked { method: string, path: string, type: string, authorization: string, body: any }
interface Answer { status: number, body?: object }
type Answers = Record<'POST' | 'GET' | 'PATCH', Answer>

const ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount'
const LABELS = { 'app.kubernetes.io/name': 'guestbook-mongodb' }
const SECRETS = '/api/v1/namespaces/guestbook/secrets'

/** A fake Kubernetes API that records its requests. */
async function startKubernetes (answers: Answers): Promise<{ port: number, asked: Asked[] }> {
  const asked: Asked[] = []
  const answer = async (request: IncomingMessage) => {
    const method = request.method as keyof Answers
    const { 'content-type': type = '', authorization = '' } = request.headers
    const body = method === 'GET' ? undefined : await json(request)
    asked.push({ method, path: request.url!, type, authorization, body })
    return answers[method]
  }
  const server = http.createServer((request, response) => {
    void answer(request).then(({ status, body = {} }) => {
      response.writeHead(status).end(JSON.stringify(body))
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  cleanUp(() => { server.close() })
  return { port: (server.address() as AddressInfo).port, asked }
}

/** Options of every request beside method and path. */
const seen: RequestOptions[] = []

/** Runs the script with HTTP in place of HTTPS; `sent` may change a request. */
async function createSecret (
  port: number, { replicas = '3', sent = (_call: ClientRequest) => {} } = {}
) {
  const https = {
    request: (options: RequestOptions, answered: (response: IncomingMessage) => void) => {
      seen.push(options)
      const call = http.request(options, answered)
      sent(call)
      return call
    }
  }
  const env = {
    NAME: 'db',
    NAMESPACE: 'guestbook',
    REPLICAS: replicas,
    LABELS: JSON.stringify(LABELS),
    KUBERNETES_SERVICE_HOST: '127.0.0.1',
    KUBERNETES_SERVICE_PORT: String(port)
  }
  const fs = filesystem({ [`${ACCOUNT}/ca.crt`]: 'authority', [`${ACCOUNT}/token`]: 'tok.en' })
  return await runInMongosh('create-secret.js', env, { fs, https, crypto })
}

const CREATED: Answers = { POST: { status: 201 }, GET: { status: 500 }, PATCH: { status: 500 } }
const uriOf = (password: string, ...members: number[]) => {
  const hosts = members.map(n => `db-${n}.db.guestbook.svc:27017`)
  return `mongodb://guestbook:${password}@${hosts.join()}/guestbook` +
    '?replicaSet=rs0&authSource=guestbook'
}
const base64 = (data: Record<string, string>) => Object.fromEntries(
  Object.entries(data).map(([key, text]) => [key, Buffer.from(text).toString('base64')])
)
const exists = (data?: Record<string, string>, PATCH: Answer = { status: 200 }): Answers => ({
  POST: { status: 409, body: { message: 'exists' } },
  GET: { status: 200, body: data && { data: base64(data) } },
  PATCH
})

test.each([
  ['1', [0]], ['3', [0, 1, 2]]
])('with %s members the Secret has random passwords, a key and a URI', async (
  replicas, members
) => {
  const { port, asked } = await startKubernetes(CREATED)
  expect(await createSecret(port, { replicas })).toEqual({
    status: 0, log: ['created the Secret db']
  })

  const { stringData } = asked[0]!.body
  expect(asked).toEqual([{
    method: 'POST',
    path: SECRETS,
    type: 'application/json',
    authorization: 'Bearer tok.en',
    body: {
      apiVersion: 'v1',
      kind: 'Secret',
      type: 'Opaque',
      metadata: { name: 'db', labels: LABELS },
      stringData: {
        'mongodb-root-password': expect.stringMatching(/^[\w-]{32}$/),
        'mongodb-password': expect.stringMatching(/^[\w-]{32}$/),
        'mongodb-metrics-password': expect.stringMatching(/^[\w-]{32}$/),
        'replica-set-key': expect.stringMatching(/^[A-Za-z0-9+/]{756}$/),
        uri: uriOf(stringData['mongodb-password'], ...members)
      }
    }
  }])
  expect(new Set(Object.values(stringData)).size).toBe(5)
})

test('every Secret differs, and the hook verifies the certificate of Kubernetes', async () => {
  const { port, asked } = await startKubernetes(CREATED)
  await createSecret(port)
  await createSecret(port)
  const [first, second] = asked.map(({ body }) => body.stringData)
  for (const key of Object.keys(first)) expect(first[key]).not.toBe(second[key])
  expect(seen.at(-1)).toMatchObject({
    host: '127.0.0.1', port: String(port), ca: Buffer.from('authority'), timeout: 10_000
  })
})

const KEYS = {
  'mongodb-root-password': 'r00t',
  'mongodb-password': 'a/b+c@d',
  'mongodb-metrics-password': 'metrics',
  'replica-set-key': 'key'
}
const URI = uriOf('a%2Fb%2Bc%40d', 0, 1, 2)
const GET = { method: 'GET', path: `${SECRETS}/db`, type: 'application/json' }
const PATCH = {
  method: 'PATCH',
  path: `${SECRETS}/db`,
  type: 'application/merge-patch+json',
  body: { stringData: { uri: URI } }
}
const CHANGED = 'changed uri in the Secret db for 3 members'

test.each([
  ['as it should be', { ...KEYS, uri: URI }, 'the Secret db is up to date', [GET]],
  [
    'for one member', { ...KEYS, uri: uriOf('a%2Fb%2Bc%40d', 0) }, CHANGED, [GET, PATCH]
  ],
  ['without a URI', KEYS, CHANGED, [GET, PATCH]]
])('an existing Secret %s keeps its passwords', async (_what, data, line, after) => {
  const { port, asked } = await startKubernetes(exists(data))
  expect(await createSecret(port)).toEqual({ status: 0, log: [line] })
  expect(asked.slice(1)).toEqual(after.map(
    request => ({ body: undefined, ...request, authorization: 'Bearer tok.en' })
  ))
})

const without = (key: string) =>
  Object.fromEntries(Object.entries(KEYS).filter(([other]) => other !== key))
test.each([
  ...Object.keys(KEYS).map(key => [key, { ...without(key), uri: URI }] as const),
  [Object.keys(KEYS).join(', '), undefined],
  ['replica-set-key', { ...KEYS, 'replica-set-key': '' }]
])('an existing Secret without %s is not changed, and the hook fails', async (missing, data) => {
  const { port, asked } = await startKubernetes(exists(data))
  expect(await createSecret(port)).toEqual({
    status: 1,
    log: [
      `Secret db lacks ${missing}: add them, or set auth.existingSecret`
    ]
  })
  expect(asked.map(({ method }) => method)).toEqual(['POST', 'GET'])
})

const refused = (status: number): Answer => ({ status, body: { message: 'forbidden' } })
const FAILURES: Array<[what: string, answers: Answers]> = [
  ['created', { ...CREATED, POST: refused(403) }],
  ['created', { ...CREATED, POST: refused(200) }],
  ['read', { ...exists(KEYS), GET: refused(404) }],
  ['changed', exists(KEYS, refused(422))]
]
test.each(FAILURES)('the hook fails if the Secret was not %s', async (what, answers) => {
  const { port } = await startKubernetes(answers)
  expect(await createSecret(port)).toEqual({
    status: 1, log: [`Secret db was not ${what}: forbidden`]
  })
})

test('the hook fails if Kubernetes is unreachable or does not answer', async () => {
  expect(await createSecret(await freePort())).toEqual({
    status: 1, log: [expect.stringContaining('ECONNREFUSED')]
  })
  const { port } = await startKubernetes(CREATED)
  const sent = (call: ClientRequest) => { setImmediate(() => { call.emit('timeout') }) }
  expect(await createSecret(port, { sent })).toEqual({
    status: 1, log: ['Kubernetes did not answer in 10 s']
  })
})
