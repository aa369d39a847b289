/** `make start`, the first thing that anybody runs. */
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { networkInterfaces, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, test } from '@jest/globals'
import { request } from 'undici'
import { freePort } from '../../system-tests/lib/free-port.ts'
import { cleanUp, temporaryFolder } from '../../system-tests/lib/process.ts'
import { until } from '../../system-tests/lib/until.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const SCRIPT = `${ROOT}scripts/start.ts`
const DIRECTLY = [process.execPath, SCRIPT]
/** The target itself; what it needs is installed where tests run. */
const MAKE = ['make', '--old-file', 'install', 'start']
const MANAGEMENT_OFFSET = 6300
/** A computer may lack IPv6. */
const LOOPBACK = ['127.0.0.1', '::1'].filter(wanted =>
  Object.values(networkInterfaces()).some(list => list!.some(({ address }) => address === wanted))
)

/** A port that leaves room for the management port above it. */
async function portWithManagement (): Promise<number> {
  const port = await freePort()
  return port + MANAGEMENT_OFFSET <= 65_535 ? port : await portWithManagement()
}

interface Settings { FRONTEND_PORT: string, BACKEND_PORT: string, DATA_DIR: string }
async function freeSettings (): Promise<Settings> {
  return {
    FRONTEND_PORT: `${await portWithManagement()}`,
    BACKEND_PORT: `${await portWithManagement()}`,
    DATA_DIR: temporaryFolder()
  }
}

/** @param atEnd when what is left of it is ended; after the test unless told otherwise */
async function start (
  changed: Partial<Settings> & Record<string, string> = {},
  [command, ...args]: readonly string[] = DIRECTLY, atEnd = cleanUp
) {
  const settings = { ...await freeSettings(), ...changed }
  const child = spawn(command!, args, {
    cwd: ROOT,
    env: { PATH: process.env.PATH, MAX_EVENT_LOOP_DELAY_MS: '0', ...settings },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true // a process group of its own, as a shell gives every command
  })
  const ended = once(child, 'close').then(
    ([code, signal]) => (code ?? signal) as number | NodeJS.Signals
  )
  let started: number[] = []
  atEnd(async () => {
    child.kill('SIGTERM')
    child.stdout.destroy()
    child.stderr.destroy()
    await ended
    for (const pid of started.filter(isRunning)) process.kill(pid, 'SIGKILL')
  })
  const output = { stdout: '', stderr: '' }
  child.stdout.on('data', text => { output.stdout += String(text) })
  child.stderr.on('data', text => { output.stderr += String(text) })
  /** Every process that came of it, this one first. */
  const pids = () => {
    started = [child.pid!, ...descendantsOf(child.pid!)]
    return started
  }
  const isReady = async () => {
    await until(
      'it says how to stop it',
      () => output.stdout.includes('Ctrl-C stops it.'),
      20_000
    )
  }
  const ports = [settings.FRONTEND_PORT, settings.BACKEND_PORT].map(Number)
  return {
    child,
    ended,
    output,
    pids,
    isReady,
    settings,
    ports,
    page: `http://127.0.0.1:${ports[0]}/`,
    api: `http://127.0.0.1:${ports[1]}/api/v1/messages`
  }
}

function descendantsOf (ancestor: number): number[] {
  const rows = execFileSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' })
    .trim()
    .split('\n')
    .map(row => row.trim().split(/\s+/).map(Number))
  const children = (parent: number): number[] =>
    rows.filter(row => row[1] === parent).flatMap(([pid]) => [pid!, ...children(pid!)])
  return children(ancestor)
}

const isRunning = (pid: number) => {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

async function post (page: string, message: string): Promise<number> {
  const posted = await request(page, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: `name=Ann&message=${message}`
  })
  await posted.body.dump()
  return posted.statusCode
}

async function listen (port: number, host: string) {
  const server = createServer().listen(port, host)
  cleanUp(() => { server.close() })
  await once(server, 'listening')
}

test('runs both services, says where they are, and one Ctrl-C ends both', async () => {
  const { child, ended, output, pids, isReady, page, api } = await start()
  await isReady()
  expect(output.stdout).toContain(
    `The guestbook   ${page.slice(0, -1).replace('127.0.0.1', 'localhost')}`
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

test('all four servers answer on every loopback address and on no other, whatever HOST the shell exports', async () => {
  const { isReady, ports } = await start({ HOST: '0.0.0.0' })
  await isReady()
  const others = Object.values(networkInterfaces())
    .flatMap(list => list!)
    .filter(({ internal, scopeid }) => !internal && !scopeid)
  const answers = async (host: string, port: number) =>
    await request(`http://${host.includes(':') ? `[${host}]` : host}:${port}/health`).then(
      async ({ statusCode, body }) => {
        await body.dump()
        return statusCode
      },
      ({ code }) => code as string
    )
  for (const port of ports.flatMap(port => [port, port + MANAGEMENT_OFFSET])) {
    for (const host of LOOPBACK) {
      expect([host, port, await answers(host, port)]).toEqual([host, port, 200])
    }
    for (const { address } of others) {
      expect([address, port, await answers(address, port)]).toEqual([
        address,
        port,
        'ECONNREFUSED'
      ])
    }
  }
})

test('when one service dies the other does not go on alone', async () => {
  const { ended, pids, isReady } = await start()
  await isReady()
  const [, ...services] = pids()
  process.kill(services[0]!, 'SIGKILL')
  expect(await ended).toBe(1)
  expect(services.filter(isRunning)).toEqual([])
})

/** In a terminal of its own, whose window is the process that is started. */
const inTerminal = (command: string) => process.platform === 'darwin'
  ? ['script', '-q', '/dev/null', 'sh', '-c', command]
  : ['script', '--quiet', '--command', command, '/dev/null']

const SHELL_COMMAND = `${MAKE.join(' ')}; true`

const first = (pids: number[]) => pids[0]!
const second = (pids: number[]) => pids[1]!
const group = (pids: number[]) => -pids[0]!

const WAYS = [
  ...(['SIGHUP', 'SIGINT', 'SIGTERM', 'SIGQUIT', 'SIGKILL'] as const).flatMap(signal => [
    { what: `it gets ${signal}`, command: DIRECTLY, signal, target: first },
    { what: `make and it get ${signal}, as from a terminal`, command: MAKE, signal, target: group }
  ]),
  // On the others make waits for its commands, which a terminal would have signalled.
  ...(['SIGTERM', 'SIGKILL'] as const)
    .map(signal => ({ what: `make gets ${signal}`, command: MAKE, signal, target: first })),
  ...([
    ['its terminal is closed', 'SIGKILL', first],
    ['the shell in its terminal gets SIGKILL', 'SIGKILL', second],
    ['the shell in its terminal gets SIGHUP', 'SIGHUP', second]
  ] as const).map(([what, signal, target]) =>
    ({ what, command: inTerminal(SHELL_COMMAND), signal, target }))
].map((way, index) => ({ ...way, index }))

describe('leaves nothing behind, and a start right after it works, when', () => {
  const ends: Array<() => unknown> = []
  afterAll(async () => { for (const end of ends) await end() })
  const folder = mkdtempSync(join(tmpdir(), 'guestbook-'))
  ends.push(() => { rmSync(folder, { recursive: true, force: true }) })
  const startNext = async (index: number, settings?: Settings) =>
    await start({ DATA_DIR: folder, ...settings }, WAYS[index]?.command, end => {
      ends.unshift(end)
    })
  /** What runs, and what was written so far: the start after one end is the one before the next. */
  let running: Awaited<ReturnType<typeof start>> | undefined
  const written: string[] = []

  test.each(WAYS)('$what', async ({ what, index, signal, target }) => {
    const before = running ?? await startNext(index)
    running = undefined
    await before.isReady()
    expect(await post(before.page, encodeURIComponent(what))).toBe(303)
    written.unshift(what)
    const processes = before.pids()
    process.kill(target(processes), signal)

    const after = await startNext(index + 1, before.settings)
    await after.isReady()
    await until('everything has ended', () => !processes.some(isRunning))
    const { messages } = await (await request(after.api)).body.json() as { messages: object[] }
    expect(messages).toMatchObject(written.map(message => ({ message })))
    expect(after.output.stderr).toBe('')
    running = after
  })

  test('Ctrl-C ends it, and it complains of nothing', async () => {
    const last = running ?? await startNext(WAYS.length)
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
    await until('everything has ended', () => !processes.some(isRunning))
  })
})

test.each([
  ['FRONTEND_PORT', 'web'],
  ['BACKEND_PORT', '0'],
  ['BACKEND_PORT', '59236']
])('%s=%s is refused before anything starts', async (name, port) => {
  const { ended, output } = await start({ [name]: port })
  expect({ status: await ended, ...output }).toEqual({
    status: 2,
    stdout: '',
    stderr: `FRONTEND_PORT and BACKEND_PORT are numbers from 1 to 59235; "${port}" is not.\n`
  })
})

test.each([0, MANAGEMENT_OFFSET, -MANAGEMENT_OFFSET])(
  'ports of which one is the other and %i are refused before anything starts',
  async distance => {
    const { ended, output } = await start({
      FRONTEND_PORT: '20000',
      BACKEND_PORT: `${20_000 + distance}`
    })
    expect({ status: await ended, ...output }).toEqual({
      status: 2,
      stdout: '',
      stderr: `FRONTEND_PORT=20000 and BACKEND_PORT=${20_000 + distance} collide: each service also uses the port 6300 above.\n`
    })
  }
)

const OF_PORT = (['FRONTEND_PORT', 'BACKEND_PORT'] as const).flatMap(setting => [
  { setting, offset: 0, origin: setting },
  { setting, offset: MANAGEMENT_OFFSET, origin: `${setting} + 6300` }
])

test.each(OF_PORT.flatMap(row => LOOPBACK.map(host => ({ ...row, host }))))(
  '$origin in use on $host is said with the setting and, where known, the process',
  async ({ setting, offset, origin, host }) => {
    const settings = await freeSettings()
    const port = Number(settings[setting]) + offset
    await listen(port, host)
    const { ended, output } = await start({ ...settings })
    expect([await ended, output.stdout]).toEqual([2, ''])
    const [, address, source, holder] =
      /^Port \d+ on (\S+) \((.+?)\) is in use by (.+)\. Stop that process, or set (?:FRONTEND|BACKEND)_PORT to another port\.\n$/.exec(
        output.stderr
      )!
    expect([address, source, output.stderr]).toEqual([
      host,
      origin,
      expect.stringContaining(`Port ${port} `)
    ])
    expect(holder).toMatch(new RegExp(`^(another process|process ${process.pid} \\(.+\\))$`))
  }
)
