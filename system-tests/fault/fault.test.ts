import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { expect, test } from '@jest/globals'
import { cleanUp, temporaryFolder } from '@guestbook/service-kit/testing'
import { PROFILES } from './profiles.ts'
import { FAULTS_TOKEN, startService } from '../lib/service-process.ts'

const SCRIPT = fileURLToPath(new URL('./run.ts', import.meta.url))
const start = (args: string[], env: Record<string, string> = { FAULTS_TOKEN }) =>
  spawn(process.execPath, [SCRIPT, ...args], { env })

async function ended (child: ReturnType<typeof start>) {
  const [stdout, stderr, [status]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close')
  ])
  return { stdout, stderr, status }
}
const fault = async (...args: string[]) => await ended(start(args))

/** A management address that writes down what it is asked, and answers with a status. */
async function standIn (status = 200) {
  const asked: object[] = []
  const server = createServer((request, response) => {
    void text(request).then(body => {
      const { authorization, 'content-type': type } = request.headers
      asked.push({
        call: `${request.method} ${request.url}`,
        authorization,
        type,
        body: body && JSON.parse(body)
      })
      response.writeHead(status).end('because')
      server.emit('asked')
    })
  }).listen(0, '127.0.0.1')
  cleanUp(() => { server.close(); server.closeAllConnections() })
  await once(server, 'listening')
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked, server }
}
const authorization = `Bearer ${FAULTS_TOKEN}`
const ENDED = { call: 'DELETE /faults', authorization, type: undefined, body: '' }

test.each(Object.entries({
  slow: [{ fault: { latencyMs: 800 }, seconds: 10 }],
  errors: [{ fault: { errorRate: 0.2 }, seconds: 10 }],
  'store-down': [{ fault: { storeDown: true }, seconds: 10 }],
  unstable: [{ fault: { errorRate: 0.05, latencyMs: 100 }, seconds: 1 }]
}))('%s is %j, again and again', (name, steps) => {
  expect(PROFILES[name]!.steps(() => 0.5)).toEqual(steps)
})

test('the help explains every fault', async () => {
  const { status, stdout } = await fault('--help')
  expect(status).toBe(0)
  for (const line of [
    'URL           management address of the service: 9301 is the backend (default), ' +
      '9300 the frontend',
    'slow           every request takes 0.8 s longer',
    'errors         one request in five fails',
    'store-down     what the service depends on counts as down',
    'unstable       5 % of requests fail, all take 50 to 150 ms longer',
    'checkout-peak  for 30 s in every 1 to 3 minutes 70 % fail and all take 1.8 to 2.5 s longer'
  ]) {
    expect(stdout).toContain(line)
  }
  expect(Object.keys(PROFILES).sort()).toEqual([
    'checkout-peak',
    'errors',
    'slow',
    'store-down',
    'unstable'
  ])
})

test('a fault expires 5 s after the program that injects it', async () => {
  const { url, asked } = await standIn()
  expect(await fault('--name', 'slow', '--for', '1s', '--url', url)).toMatchObject({
    status: 0,
    stderr: ''
  })
  const body = { latencyMs: 800, expiresInSeconds: 6 }
  expect(asked).toEqual([
    { call: 'PUT /faults', authorization, type: 'application/json', body },
    ENDED
  ])
})

test('Ctrl-C ends a fault at once', async () => {
  const { url, asked, server } = await standIn()
  const child = start(['--name', 'errors', '--for', '1m30s', '--url', url])
  const result = ended(child)
  await once(server, 'asked')
  child.kill('SIGINT')
  expect(await result).toMatchObject({
    status: 0,
    stdout: expect.stringMatching(
      /until [\d:]{8} UTC: one request in five fails\. Ctrl-C ends it\.\nended\n$/
    )
  })
  const body = { errorRate: 0.2, expiresInSeconds: 15 }
  expect(asked).toEqual([expect.objectContaining({ call: 'PUT /faults', body }), ENDED])
})

test('a fault that the service rejects is an error with the reason', async () => {
  const { url } = await standIn(401)
  expect(await fault('--name', 'slow', '--for', '1s', '--url', url)).toMatchObject({
    status: 1,
    stderr: `${url}/faults answered 401: because\n`
  })
})

test('the default is the backend', async () => {
  // Whether or not something listens there, it is no service with this token.
  expect(await fault('--name', 'slow', '--for', '1s')).toMatchObject({
    status: 1,
    stderr: expect.stringContaining('http://localhost:9301')
  })
})

test('a token is required', async () => {
  const child = start(['--name', 'slow', '--for', '1s', '--url', 'http://127.0.0.1:9'], {})
  expect(await ended(child)).toMatchObject({
    status: 2,
    stderr: expect.stringContaining('FAULTS_TOKEN is not set.')
  })
})

test('unstable is 5 % of errors and 50 to 150 ms', () => {
  expect([0, 0.5, 1].map(n => PROFILES.unstable!.steps(() => n)[0]!.fault)).toEqual(
    [50, 100, 150].map(latencyMs => ({ errorRate: 0.05, latencyMs }))
  )
})

test('a checkout peak is 30 s in every 1 to 3 minutes with 70 % of errors and 1.8 to 2.5 s', () => {
  for (const [n, period] of [[0, 60], [1, 180]] as const) {
    const steps = PROFILES['checkout-peak']!.steps(() => n)
    expect(steps.reduce((sum, { seconds }) => sum + seconds, 0)).toBe(period)
    const bad = steps.filter(({ fault }) => fault)
    expect(bad).toHaveLength(30)
    expect(bad[0]).toEqual({
      fault: { errorRate: 0.7, latencyMs: n === 0 ? 1800 : 2500 },
      seconds: 1
    })
  }
})

test('the service logs when a fault begins and when it ends', async () => {
  const backend = await startService('backend', {
    env: { DATA_DIR: temporaryFolder(), FAULTS_TOKEN }
  })
  const day = fault('--name', 'unstable', '--for', '1s', '--url', backend.managementUrl)
  expect(await backend.logged('fault switched on')).toMatchObject({
    level: 'warn',
    fault: { errorRate: 0.05 }
  })
  expect(await day).toMatchObject({
    status: 0,
    stderr: '',
    stdout: expect.stringContaining('ended')
  })
  expect(await backend.logged('fault switched off')).toMatchObject({ reason: 'cleared' })
})

test.each([
  ['an unknown name', ['--name', 'meteor', '--for', '1s'], 2, 'Unknown fault "meteor"'],
  ['no name', ['--for', '1s'], 2, 'NAME is missing.'],
  ['no duration', ['--name', 'slow'], 2, 'FOR is a duration such as 30s or 10m, not "".'],
  ['a duration without a unit', ['--name', 'slow', '--for', '10'], 2, 'FOR is a duration'],
  ['a duration of days', ['--name', 'slow', '--for', '1d'], 2, 'FOR is a duration'],
  [
    'an address where nobody listens',
    ['--name', 'slow', '--for', '1s', '--url', 'http://127.0.0.1:9'],
    1,
    'does not answer'
  ]
])('%s is rejected', async (_rejected, args, status, message) => {
  expect(await fault(...args)).toMatchObject({ status, stderr: expect.stringContaining(message) })
})
