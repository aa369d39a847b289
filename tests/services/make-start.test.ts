/** `make start`, the first thing that anybody runs. */
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { expect, test } from '@jest/globals'
import { request } from 'undici'
import { freePort } from './free-port.ts'
import { cleanUp, temporaryFolder } from './process.ts'
import { until } from './until.ts'

const SCRIPT = fileURLToPath(new URL('../../scripts/start.ts', import.meta.url))

/** A port that leaves room for the management port above it. */
async function portWithManagement (): Promise<number> {
  const port = await freePort()
  return port + 6300 <= 65_535 ? port : await portWithManagement()
}

async function start (settings: Record<string, string> = {}) {
  const [frontend, backend] = [await portWithManagement(), await portWithManagement()]
  const child = spawn(process.execPath, [SCRIPT], {
    env: { PATH: process.env.PATH, FRONTEND_PORT: `${frontend}`, BACKEND_PORT: `${backend}`, DATA_DIR: temporaryFolder(), ...settings },
    stdio: ['ignore', 'pipe', 'pipe']
  })
  const ended = once(child, 'close').then(([code]) => code as number)
  cleanUp(async () => {
    child.kill('SIGTERM')
    await ended
  })
  const output = { stdout: '', stderr: '' }
  child.stdout.on('data', text => { output.stdout += String(text) })
  child.stderr.on('data', text => { output.stderr += String(text) })
  /** Process ids of the services. */
  const pids = () => execFileSync('pgrep', ['-P', `${child.pid}`], { encoding: 'utf8' }).trim().split('\n').map(Number)
  return { child, ended, output, pids, page: `http://127.0.0.1:${frontend}/`, api: `http://127.0.0.1:${backend}/api/v1/messages` }
}
const isRunning = (pid: number) => {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

test('runs both services, says where they are, and one Ctrl-C ends both', async () => {
  const { child, ended, output, pids, page, api } = await start()
  await until('it says how to stop it', () => output.stdout.includes('Ctrl-C stops it.'))
  expect(output.stdout).toContain(`The guestbook   ${page.slice(0, -1).replace('127.0.0.1', 'localhost')}`)

  const posted = await request(page, { method: 'POST', headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: 'name=Ann&message=Hello' })
  expect(posted.statusCode).toBe(303)
  await posted.body.dump()
  expect(await (await request(api)).body.json()).toMatchObject({ messages: [{ name: 'Ann', message: 'Hello' }] })

  const services = pids()
  expect(services.map(isRunning)).toEqual([true, true])
  child.kill('SIGINT')
  expect({ status: await ended, stderr: output.stderr }).toEqual({ status: 0, stderr: '' })
  expect(services.map(isRunning)).toEqual([false, false])
})

test('when one service dies the other does not go on alone', async () => {
  const { ended, output, pids } = await start()
  await until('both run', () => output.stdout.includes('Ctrl-C stops it.'))
  const services = pids()
  process.kill(services[0]!, 'SIGKILL')
  expect(await ended).toBe(1)
  expect(services.map(isRunning)).toEqual([false, false])
})

test.each([['FRONTEND_PORT', 'web'], ['BACKEND_PORT', '0'], ['BACKEND_PORT', '59236']])('%s=%s is refused before anything starts', async (name, port) => {
  const { ended, output } = await start({ [name]: port })
  expect({ status: await ended, ...output }).toEqual({ status: 2, stdout: '', stderr: `FRONTEND_PORT and BACKEND_PORT are numbers from 1 to 59235; "${port}" is not.\n` })
})
