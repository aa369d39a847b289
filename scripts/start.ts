/** `make start`: both services on this computer, their log in one place, and one Ctrl-C for both. */
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { build as pretty } from 'pino-pretty'
import { NODE_ARGUMENTS, NODE_OPTIONS } from './node-options.ts'

/** Management ports stand this far above the public ones (3000 and 9300). */
const MANAGEMENT_OFFSET = 6300
const root = fileURLToPath(new URL('..', import.meta.url))
const { FRONTEND_PORT = '3000', BACKEND_PORT = '3001', DATA_DIR = `${root}.data` } = process.env

const log = process.stdout.isTTY ? pretty({ ignore: 'pid,hostname,time', messageFormat: '{service} {msg}', hideObject: false }) : process.stdout

function start (name: string, settings: Record<string, string>) {
  const child = spawn('node', [...NODE_ARGUMENTS, `services/${name}/src/server.ts`], {
    cwd: root,
    detached: true, // Ctrl-C reaches the services through stop() alone
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { SHUTDOWN_DELAY_MS: '0', NODE_OPTIONS, ...process.env, ...settings }
  })
  const ready = new Promise<void>(resolve => {
    createInterface(child.stdout).on('line', line => {
      log.write(`${line}\n`)
      if (line.includes('"msg":"ready"')) resolve()
    })
  })
  const stopped = new Promise<number>(resolve => child.once('exit', code => { resolve(code ?? 1) }))
  return { child, ready, stopped }
}

function ports (port: string): { PORT: string, MANAGEMENT_PORT: string } {
  const number = Number(port)
  const isUsable = Number.isInteger(number) && number > 0 && number + MANAGEMENT_OFFSET <= 65_535
  if (!isUsable) {
    console.error(`FRONTEND_PORT and BACKEND_PORT are numbers from 1 to ${65_535 - MANAGEMENT_OFFSET}; "${port}" is not.`)
    process.exit(2)
  }
  return { PORT: port, MANAGEMENT_PORT: String(number + MANAGEMENT_OFFSET) }
}

const backendPorts = ports(BACKEND_PORT)
const frontendPorts = ports(FRONTEND_PORT)
// The backend believes the frontend, on this computer, whose address a visitor has.
const backend = start('backend', { ...backendPorts, DATA_DIR, TRUST_PROXY: process.env.TRUST_PROXY ?? 'loopback' })
const frontend = start('frontend', { ...frontendPorts, BACKEND_URL: `http://127.0.0.1:${BACKEND_PORT}` })
const services = [backend, frontend]

let stopping = false
function stop (): void {
  // Once only: a service that hears a second signal takes it as an order to drop everything.
  if (stopping) return
  stopping = true
  for (const { child } of services) child.kill('SIGTERM')
}
process.on('SIGINT', stop)
process.on('SIGTERM', stop)

const firstExit = Promise.race(services.map(async ({ stopped }) => await stopped))
void Promise.all(services.map(async ({ ready }) => { await ready })).then(() => {
  console.log(`
  The guestbook   http://localhost:${FRONTEND_PORT}
  Its API         http://localhost:${BACKEND_PORT}/api/v1/messages   (described in /openapi.json)
  Metrics         http://localhost:${frontendPorts.MANAGEMENT_PORT}/metrics and http://localhost:${backendPorts.MANAGEMENT_PORT}/metrics
  Messages        ${process.env.MONGODB_URI ? 'in the MongoDB of MONGODB_URI' : `in ${DATA_DIR}`}

  Ctrl-C stops it.
`)
})

await firstExit
stop()
const codes = await Promise.all(services.map(async ({ stopped }) => await stopped))
process.exitCode = Math.max(...codes)
