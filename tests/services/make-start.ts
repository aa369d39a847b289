import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { networkInterfaces } from 'node:os'
import { fileURLToPath } from 'node:url'
import { request } from 'undici'
import { freePort } from '../../system-tests/lib/free-port.ts'
import { cleanUp, temporaryFolder } from '@guestbook/service-kit/testing'
import { until } from '../../system-tests/lib/until.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const SCRIPT = `${ROOT}scripts/start.ts`
export const DIRECTLY = [process.execPath, SCRIPT]
/** The make target without its prerequisite: tests run with installed dependencies. */
export const MAKE = ['make', '--old-file', 'runtime-packages', 'start']
export const MANAGEMENT_OFFSET = 6300
/** Some machines have no IPv6. */
export const LOOPBACK = ['127.0.0.1', '::1'].filter(wanted =>
  Object.values(networkInterfaces()).some(list => list!.some(({ address }) => address === wanted))
)

/** Leaves room for the management port above a port. */
const MAX_PORT = 65_535 - MANAGEMENT_OFFSET

export interface Settings { FRONTEND_PORT: string, BACKEND_PORT: string, DATA_DIR: string }
export async function freeSettings (): Promise<Settings> {
  return {
    FRONTEND_PORT: `${await freePort(MAX_PORT)}`,
    BACKEND_PORT: `${await freePort(MAX_PORT)}`,
    DATA_DIR: temporaryFolder()
  }
}

/**
 * Runs `make start` or its script.
 * @param atEnd registers the clean-up; default: after the test
 */
export async function start (
  changed: Partial<Settings> & Record<string, string> = {},
  [command, ...args]: readonly string[] = DIRECTLY, atEnd = cleanUp
) {
  const settings = { ...await freeSettings(), ...changed }
  const child = spawn(command!, args, {
    cwd: ROOT,
    env: { PATH: process.env.PATH, MAX_EVENT_LOOP_DELAY_MS: '0', ...settings },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true // a separate process group, as in a shell
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
  /** The process and all its descendants. */
  const pids = () => {
    started = [child.pid!, ...descendantsOf(child.pid!)]
    return started
  }
  const isReady = async () => {
    const hasPrinted = () => output.stdout.includes('Ctrl-C stops it.')
    await until('it prints how to stop it', hasPrinted, 20_000)
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

export const isRunning = (pid: number) => {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

export async function post (page: string, message: string): Promise<number> {
  const posted = await request(page, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: `name=Ann&message=${message}`
  })
  await posted.body.dump()
  return posted.statusCode
}

export async function listen (port: number, host: string) {
  const server = createServer().listen(port, host)
  cleanUp(() => { server.close() })
  await once(server, 'listening')
}
