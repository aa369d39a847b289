import { expect, test } from '@jest/globals'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { connect, type AddressInfo, type Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import { request } from 'undici'
import { cleanUp, temporaryFolder } from '@guestbook/service-kit/testing'
import {
  FAULTS_TOKEN, startService, type ServiceName, type ServiceProcess, type StartOptions
} from '../../system-tests/lib/service-process.ts'
import { sendRequest, statusOf } from './requests.ts'
import { until } from '../../system-tests/lib/until.ts'
import { scrape } from '../../system-tests/lib/metrics.ts'

/** Starts a service with its dependencies. The frontend gets a backend without messages. */
async function start (
  name: ServiceName, { env, ...options }: StartOptions = {}
): Promise<ServiceProcess> {
  const dependencies: Record<string, string> = name === 'backend'
    ? { DATA_DIR: temporaryFolder() }
    : { BACKEND_URL: await emptyBackend() }
  return await startService(name, { env: { ...dependencies, ...env }, ...options })
}

async function emptyBackend (): Promise<string> {
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' })
      .end('{"messages":[],"nextCursor":null}')
  }).listen(0, '127.0.0.1')
  cleanUp(() => { server.close(); server.closeAllConnections() })
  await once(server, 'listening')
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

function connectTo (url: string): Socket {
  const { hostname, port } = new URL(url)
  const socket = connect(Number(port), hostname)
  cleanUp(() => { socket.destroy() })
  return socket
}

const PATHS = { backend: '/api/v1/messages', frontend: '/' } as const
const SERVICES: ServiceName[] = ['backend', 'frontend']

test.each(SERVICES)(
  'after SIGTERM, the %s is unready but alive, and closes connections after their response',
  async name => {
    const service = await start(name, { env: { SHUTDOWN_DELAY_MS: '1500' } })
    const before = await request(service.url + PATHS[name])
    expect(before.headers.connection).toBe('keep-alive')
    expect(await statusOf(`${service.url}/ready`)).toBe(200)

    const signalled = performance.now()
    service.kill('SIGTERM')
    await service.logged('stopping')
    for (const listener of [service.url, service.managementUrl]) {
      expect(await statusOf(`${listener}/ready`)).toBe(503)
      expect(await statusOf(`${listener}/health`)).toBe(200)
    }
    const during = await request(service.url + PATHS[name])
    expect([during.statusCode, during.headers.connection]).toEqual([200, 'close'])

    expect(await service.ended).toBe(0)
    const seconds = (performance.now() - signalled) / 1000
    expect(seconds).toBeGreaterThan(1.5)
    expect(seconds).toBeLessThan(4)
    expect(service.lines.at(-1)).toMatchObject({ level: 'info', msg: 'stopped' })
  }
)

const WITHOUT_DELAY = [
  ['SIGINT', (service: ServiceProcess) => { service.kill('SIGINT') }],
  ['SIGHUP', (service: ServiceProcess) => { service.kill('SIGHUP') }],
  ['the end of its parent', (service: ServiceProcess) => { service.abandon() }]
] as const

test.each(SERVICES.flatMap(name => WITHOUT_DELAY.map(([what, stop]) => ({ name, what, stop }))))(
  '$what stops the $name without the delay, after the requests in flight',
  async ({ name, stop }) => {
    const service = await start(name, { env: { SHUTDOWN_DELAY_MS: '60000', FAULTS_TOKEN } })
    await service.setFault({ latencyMs: 300 })
    const slow = await sendRequest(service.url + PATHS[name])
    stop(service)
    expect(await slow.answer).toMatchObject({ status: 200 })
    expect(await service.ended).toBe(0)
    expect(service.lines.at(-1)?.msg).toBe('stopped')
  }
)

test('the end of its parent does not abort a service that is stopping', async () => {
  const service = await start('backend', { env: { SHUTDOWN_DELAY_MS: '200', FAULTS_TOKEN } })
  await service.setFault({ latencyMs: 500 })
  const slow = await sendRequest(service.url + PATHS.backend)
  service.kill('SIGTERM')
  await service.logged('stopping')
  service.abandon()
  expect(await slow.answer).toMatchObject({ status: 200 })
  expect(await service.ended).toBe(0)
})

test.each(SERVICES)('the %s finishes requests in flight before it exits', async name => {
  const service = await start(name, { env: { SHUTDOWN_DELAY_MS: '100', FAULTS_TOKEN } })
  await service.setFault({ latencyMs: 500 })
  const slow = await sendRequest(service.url + PATHS[name])
  const order: string[] = []
  void slow.answer.then(() => order.push('answered'))
  void service.ended.then(() => order.push('ended'))
  service.kill('SIGTERM')

  expect(await slow.answer).toMatchObject({ status: 200 })
  expect(await service.ended).toBe(0)
  expect(order).toEqual(['answered', 'ended'])
})

test.each(SERVICES)(
  'the %s still responds to a request that it was receiving when it began to close',
  async name => {
    const service = await start(name)
    const socket = connectTo(service.url)
    socket.write(`GET ${PATHS[name]} HTTP/1.1\r\nHost: slow.example\r\n`)
    expect(await statusOf(`${service.url}/health`)).toBe(200) // by now, the bytes have arrived

    service.kill('SIGINT')
    const isRefused = async () =>
      await statusOf(`${service.url}/health`).then(() => false, () => true)
    await until('new connections are refused', isRefused)
    socket.write('\r\n')
    expect(await text(socket)).toMatch(/^HTTP\/1\.1 200 OK\r\n(.+\r\n)*connection: close\r\n/i)
    expect(await service.ended).toBe(0)
  }
)

test.each(SERVICES)(
  'unused connections do not delay the stop of the %s',
  async name => {
    const service = await start(name, { env: { SHUTDOWN_DELAY_MS: '10' } })
    for (const listener of [service.url, service.managementUrl]) {
      await once(connectTo(listener), 'connect')
      // By now, the connection has been accepted.
      expect(await statusOf(`${listener}/health`)).toBe(200)
    }
    const signalled = performance.now()
    expect(await service.stop()).toBe(0)
    expect(performance.now() - signalled).toBeLessThan(3000)
  }
)

test('a request that exceeds the close timeout is aborted and logged', async () => {
  const env = { FAULTS_TOKEN, SHUTDOWN_DELAY_MS: '0' }
  const service = await start('backend', { env, preload: 'short-close.ts' })
  await service.setFault({ latencyMs: 60_000 })
  const { answer } = await sendRequest(service.url + PATHS.backend)
  const signalled = performance.now()
  expect(await service.stop('SIGINT')).toBe(1)
  expect(performance.now() - signalled).toBeGreaterThan(290)
  expect(service.lines.at(-1)).toMatchObject({
    level: 'error',
    msg: 'shutdown timed out, closing open connections'
  })
  await expect(answer).rejects.toThrow('socket hang up')
})

test.each([
  ['an uncaught exception', 'SIGWINCH', 'thrown where nobody catches'],
  ['an unhandled rejection', 'SIGURG', 'rejected and left alone']
] as const)(
  '%s is counted and logged; the process exits with status 1 after requests in flight',
  async (_what, signal, message) => {
    const service = await start('frontend', {
      env: { FAULTS_TOKEN, SHUTDOWN_DELAY_MS: '60000' },
      preload: 'uncaught.ts'
    })
    const total = /^process_uncaught_exceptions_total (\d+)$/m
    const uncaught = async () => total.exec(await scrape(service.managementUrl))?.[1]
    expect(await uncaught()).toBe('0')
    await service.setFault({ latencyMs: 1000 })
    const slow = await sendRequest(service.url)

    service.kill(signal)
    expect(await service.logged('stopping after an uncaught exception')).toMatchObject({
      level: 'fatal',
      err: { message }
    })
    expect(await uncaught()).toBe('1')
    expect(await slow.answer).toMatchObject({ status: 200 })
    expect(await service.ended).toBe(1)
  }
)
