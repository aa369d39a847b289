import { once } from 'node:events'
import { connect } from 'node:net'
import { beforeEach, expect, jest, test } from '@jest/globals'
import { loadConfig, ServiceSettings } from '../src/config.ts'
import { cleanUp, createTestService } from '../testing/index.ts'

type Reason = { signal?: NodeJS.Signals, err?: Error }
type Stop = (reason: Reason) => Promise<void>
interface Options { delay: number, logger: unknown, onTimeout: () => void }

const closeWithGrace = jest.fn<(options: Options, stop: Stop) => void>()
jest.unstable_mockModule('close-with-grace', () => ({ default: closeWithGrace }))
const { createApp, run } = await import('../src/index.ts')

beforeEach(() => { closeWithGrace.mockReset() })

/** A running service on free ports, and its shutdown handler. */
async function start (env: Record<string, string> = {}, stopTracing = async () => {}) {
  const events: string[] = []
  const config = loadConfig(ServiceSettings, { MANAGEMENT_PORT: '0', ...env })
  const service = createTestService('test-service', config)
  const app = await createApp(service)
  app.addHook('onClose', () => { events.push('closed') })
  const tracing = { stop: async () => { events.push('traces sent'); await stopTracing() } }
  await run({ service, app, port: 0, tracing })
  const [options, stop] = closeWithGrace.mock.calls[0]!
  const drain = jest.spyOn(service.health, 'drain').mockImplementation(() => {
    events.push('draining')
  })
  cleanUp(() => { drain.mockRestore() })
  const lines = () => service.lines.map(({ time: _, service: __, ...line }) => line)
  const uncaught = async () => (await service.metrics.uncaught.get()).values[0]!.value
  return { options, stop, events, lines, uncaught }
}

test.each([
  ['5000', 20_000],
  ['60000', 75_000],
  ['0', 15_000]
])('after a drain of %s ms, requests in flight have 15 s: %i ms', async (drain, delay) => {
  const { options, stop } = await start({ SHUTDOWN_DELAY_MS: drain })
  expect(options).toEqual({ delay, logger: false, onTimeout: expect.any(Function) })
  await stop({ signal: 'SIGINT' })
})

test('it listens before it logs that it is ready', async () => {
  const { stop, lines } = await start()
  const messages = [...new Set(lines().map(({ msg }) => String(msg).replace(/at .+$/, '')))]
  expect(messages).toEqual(['management server listening ', 'HTTP server listening ', 'ready'])
  const address = /^management server listening at http:\/\/(127\.0\.0\.1|\[::1\]):\d+$/
  expect(lines()[0]).toEqual({ level: 'info', msg: expect.stringMatching(address) })
  expect(lines().at(-1)).toEqual({ level: 'info', ready_in_ms: expect.any(Number), msg: 'ready' })
  await stop({ signal: 'SIGINT' })
})

test.each([
  'SIGINT', 'SIGHUP'
] as const)('%s: unready first, then closed, then the last traces are sent', async signal => {
  const { stop, events, lines } = await start({ SHUTDOWN_DELAY_MS: '60000' })
  const ports = lines().flatMap(({ msg }) => /127\.0\.0\.1:(\d+)$/.exec(String(msg))?.[1] ?? [])
  const isOpen = async (port: string) => {
    const socket = connect(Number(port), '127.0.0.1')
    cleanUp(() => { socket.destroy() })
    return await once(socket, 'connect').then(() => true, () => false)
  }
  expect(await Promise.all(ports.map(isOpen))).toEqual([true, true])
  await stop({ signal })
  expect(events).toEqual(['draining', 'closed', 'traces sent'])
  expect(await Promise.all(ports.map(isOpen))).toEqual([false, false])
  expect(lines().slice(-2)).toEqual([
    { level: 'info', signal, msg: 'stopping' },
    { level: 'info', msg: 'stopped' }
  ])
})

test('SIGTERM: unready for the delay, then closed', async () => {
  const { stop, events } = await start({ SHUTDOWN_DELAY_MS: '50' })
  const began = performance.now()
  const stopped = stop({ signal: 'SIGTERM' })
  expect(events).toEqual(['draining'])
  await stopped
  expect(performance.now() - began).toBeGreaterThanOrEqual(49)
  expect(events).toEqual(['draining', 'closed', 'traces sent'])
})

test('an uncaught exception is counted and logged, without a delay', async () => {
  const { stop, events, lines, uncaught } = await start({ SHUTDOWN_DELAY_MS: '60000' })
  expect(await uncaught()).toBe(0)
  await stop({ err: new Error('unexpected') })
  expect(await uncaught()).toBe(1)
  expect(events).toEqual(['draining', 'closed', 'traces sent'])
  const err = expect.objectContaining({ message: 'unexpected' })
  expect(lines().slice(-2)).toEqual([
    { level: 'fatal', err, msg: 'stopping after an uncaught exception' },
    { level: 'info', msg: 'stopped' }
  ])
})

test('unsent traces are a warning, and the service stops', async () => {
  const { stop, lines } = await start({}, async () => { throw new Error('no collector') })
  await stop({ signal: 'SIGINT' })
  const err = expect.objectContaining({ message: 'no collector' })
  expect(lines().slice(-2)).toEqual([
    { level: 'warn', err, msg: 'the last traces were not sent' },
    { level: 'info', msg: 'stopped' }
  ])
})

test('a shutdown that times out is logged', async () => {
  const { options, stop, lines } = await start()
  options.onTimeout()
  const msg = 'shutdown timed out, closing open connections'
  expect(lines().at(-1)).toEqual({ level: 'error', msg })
  await stop({ signal: 'SIGINT' })
})

test('while it stops, the end of its parent has no effect', async () => {
  const before = process.listeners('disconnect')
  cleanUp(() => { for (const listener of before) process.on('disconnect', listener) })
  process.on('disconnect', () => {})
  const { stop } = await start()
  await stop({ signal: 'SIGINT' })
  expect(process.listenerCount('disconnect')).toBe(0)
})
