/** Tests of `make start`. */
import { mkdtempSync, rmSync } from 'node:fs'
import { networkInterfaces, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from '@jest/globals'
import { request } from 'undici'
import { until } from '../../system-tests/lib/until.ts'
import {
  DIRECTLY, freeSettings, isRunning, listen, LOOPBACK, MAKE, MANAGEMENT_OFFSET, post, start,
  type Settings
} from './make-start.ts'
import { statusOf } from './requests.ts'

test('runs both services, prints their URLs, and stops both on Ctrl-C', async () => {
  const { child, ended, output, pids, isReady, page, api } = await start()
  await isReady()
  expect(output.stdout).toContain(
    `Guestbook   ${page.slice(0, -1).replace('127.0.0.1', 'localhost')}`
  )
  expect(await post(page, 'Hello')).toBe(303)
  expect(await (await request(api)).body.json()).toMatchObject({
    messages: [{ name: 'Ann', message: 'Hello' }]
  })

  const processes = pids()
  expect(processes).toHaveLength(3)
  child.kill('SIGINT')
  expect({ status: await ended, stderr: output.stderr }).toEqual({ status: 0, stderr: '' })
  expect(processes.filter(isRunning)).toEqual([])
})

test('all four servers listen on loopback addresses only, whatever HOST is', async () => {
  const { isReady, ports } = await start({ HOST: '0.0.0.0' })
  await isReady()
  const others = Object.values(networkInterfaces())
    .flatMap(list => list!)
    .filter(({ internal, scopeid }) => !internal && !scopeid)
  const answers = async (host: string, port: number) =>
    await statusOf(`http://${host.includes(':') ? `[${host}]` : host}:${port}/health`)
      .catch(({ code }) => code as string)
  for (const port of ports.flatMap(port => [port, port + MANAGEMENT_OFFSET])) {
    for (const host of LOOPBACK) {
      expect([host, port, await answers(host, port)]).toEqual([host, port, 200])
    }
    for (const { address } of others) {
      const answer = await answers(address, port)
      expect([address, port, answer]).toEqual([address, port, 'ECONNREFUSED'])
    }
  }
})

test('when one service exits, the other is stopped', async () => {
  const { ended, pids, isReady } = await start()
  await isReady()
  const [, ...services] = pids()
  process.kill(services[0]!, 'SIGKILL')
  expect(await ended).toBe(1)
  expect(services.filter(isRunning)).toEqual([])
})

/** Runs the command in a pseudo-terminal. */
const inTerminal = (command: string) => process.platform === 'darwin'
  ? ['script', '-q', '/dev/null', 'sh', '-c', command]
  : ['script', '--quiet', '--command', command, '/dev/null']

const SHELL_COMMAND = `${MAKE.join(' ')}; true`

const first = (pids: number[]) => pids[0]!
const second = (pids: number[]) => pids[1]!
const group = (pids: number[]) => -pids[0]!

const STOPS = [
  ...(['SIGHUP', 'SIGINT', 'SIGTERM', 'SIGQUIT', 'SIGKILL'] as const).flatMap(signal => [
    { what: `it gets ${signal}`, command: DIRECTLY, signal, target: first },
    { what: `its process group gets ${signal}`, command: MAKE, signal, target: group }
  ]),
  // On other signals, make waits for its commands, which a terminal would have signalled, too.
  ...(['SIGTERM', 'SIGKILL'] as const)
    .map(signal => ({ what: `make gets ${signal}`, command: MAKE, signal, target: first })),
  ...([
    ['its terminal is closed', 'SIGKILL', first],
    ['the shell in its terminal gets SIGKILL', 'SIGKILL', second],
    ['the shell in its terminal gets SIGHUP', 'SIGHUP', second]
  ] as const).map(([what, signal, target]) =>
    ({ what, command: inTerminal(SHELL_COMMAND), signal, target }))
].map((stop, index) => ({ ...stop, index }))

describe('leaves no process behind, and can restart immediately, when', () => {
  const ends: Array<() => unknown> = []
  afterAll(async () => { for (const end of ends) await end() })
  const folder = mkdtempSync(join(tmpdir(), 'guestbook-'))
  ends.push(() => { rmSync(folder, { recursive: true, force: true }) })
  const startNext = async (index: number, settings?: Settings) =>
    await start({ DATA_DIR: folder, ...settings }, STOPS[index]?.command, end => {
      ends.unshift(end)
    })
  /** Each test stops the instance that the test before has started. */
  let running: Awaited<ReturnType<typeof start>> | undefined
  const written: string[] = []

  test.each(STOPS)('$what', async ({ what, index, signal, target }) => {
    const before = running ?? await startNext(index)
    running = undefined
    await before.isReady()
    expect(await post(before.page, encodeURIComponent(what))).toBe(303)
    written.unshift(what)
    const processes = before.pids()
    process.kill(target(processes), signal)

    const after = await startNext(index + 1, before.settings)
    await after.isReady()
    await until('all processes have ended', () => !processes.some(isRunning))
    const { messages } = await (await request(after.api)).body.json() as { messages: object[] }
    expect(messages).toMatchObject(written.map(message => ({ message })))
    expect(after.output.stderr).toBe('')
    running = after
  })

  test('Ctrl-C stops it without errors', async () => {
    const last = running ?? await startNext(STOPS.length)
    await last.isReady()
    last.child.kill('SIGINT')
    expect([await last.ended, last.output.stderr]).toEqual([0, ''])
  })

  test('it gets SIGKILL before the services listen', async () => {
    const { child, pids } = await start()
    const processes = await until('both services have a process', () => {
      const all = pids()
      return all.length === 3 ? all : undefined
    })
    child.kill('SIGKILL')
    await until('all processes have ended', () => !processes.some(isRunning))
  })
})

test.each([
  ['FRONTEND_PORT', 'web'],
  ['BACKEND_PORT', '0'],
  ['BACKEND_PORT', '59236']
])('%s=%s is rejected before anything starts', async (name, port) => {
  const { ended, output } = await start({ [name]: port })
  expect({ status: await ended, ...output }).toEqual({
    status: 2,
    stdout: '',
    stderr: `FRONTEND_PORT and BACKEND_PORT are numbers from 1 to 59235; "${port}" is not.\n`
  })
})

test.each([0, MANAGEMENT_OFFSET, -MANAGEMENT_OFFSET])(
  'ports with a difference of %i are rejected before anything starts',
  async distance => {
    const BACKEND_PORT = `${20_000 + distance}`
    const { ended, output } = await start({ FRONTEND_PORT: '20000', BACKEND_PORT })
    const stderr = `FRONTEND_PORT=20000 and BACKEND_PORT=${BACKEND_PORT} collide: ` +
      'each service also uses the port 6300 above.\n'
    expect({ status: await ended, ...output }).toEqual({ status: 2, stdout: '', stderr })
  }
)

const OF_PORT = (['FRONTEND_PORT', 'BACKEND_PORT'] as const).flatMap(setting => [
  { setting, offset: 0, origin: setting },
  { setting, offset: MANAGEMENT_OFFSET, origin: `${setting} + 6300` }
])

test.each(OF_PORT.flatMap(row => LOOPBACK.map(host => ({ ...row, host }))))(
  '$origin in use on $host is an error that names the setting and the process',
  async ({ setting, offset, origin, host }) => {
    const settings = await freeSettings()
    const port = Number(settings[setting]) + offset
    await listen(port, host)
    const { ended, output } = await start({ ...settings })
    expect([await ended, output.stdout]).toEqual([2, ''])
    const [, address, source, holder] = new RegExp(
      '^Port \\d+ on (\\S+) \\((.+?)\\) is in use by (.+)\\. ' +
      'Stop that process, or set (?:FRONTEND|BACKEND)_PORT to another port\\.\n$'
    ).exec(output.stderr)!
    expect([address, source]).toEqual([host, origin])
    expect(output.stderr).toContain(`Port ${port} `)
    expect(holder).toMatch(new RegExp(`^(another process|process ${process.pid} \\(.+\\))$`))
  }
)
