/** `make start`: runs both services with one log, until Ctrl-C. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { describePortError } from '@guestbook/service-kit/port-error'
import { build as pretty } from 'pino-pretty'
import { NODE_ARGUMENTS, NODE_OPTIONS } from './node-options.ts'

/** Management port minus public port, such as 9300 and 3000. */
const MANAGEMENT_OFFSET = 6300
/** Time for the services of an earlier, killed `make start` to stop. */
const PORT_TIMEOUT_MS = 2000
const PORT_CHECK_MS = 50
/** Interval of checks whether the parent process was killed. */
const PARENT_CHECK_MS = 200
const LOOPBACK = ['127.0.0.1', '::1']
const root = fileURLToPath(new URL('..', import.meta.url))
const { FRONTEND_PORT = '3000', BACKEND_PORT = '3001', DATA_DIR = `${root}.data` } = process.env

const log = process.stdout.isTTY
  ? pretty({ ignore: 'pid,hostname,time', messageFormat: '{service} {msg}', hideObject: false })
  : process.stdout

function start (name: string, settings: Record<string, string>) {
  const child = spawn('node', [...NODE_ARGUMENTS, `services/${name}/src/server.ts`], {
    cwd: root,
    detached: true, // only stop() signals the services, not Ctrl-C
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'], // a service stops when the IPC channel closes
    env: { SHUTDOWN_DELAY_MS: '0', NODE_OPTIONS, ...process.env, HOST: 'localhost', ...settings }
  })
  const ready = new Promise<void>(resolve => {
    createInterface(child.stdout!).on('line', line => {
      log.write(`${line}\n`)
      if (line.includes('"msg":"ready"')) resolve()
    })
  })
  const stopped = once(child, 'exit').then(([code]) => (code ?? 1) as number)
  return { child, ready, stopped }
}

function ports (port: string): { PORT: string, MANAGEMENT_PORT: string } {
  const number = Number(port)
  const max = 65_535 - MANAGEMENT_OFFSET
  if (!Number.isInteger(number) || number <= 0 || number > max) {
    fail(`FRONTEND_PORT and BACKEND_PORT are numbers from 1 to ${max}; "${port}" is not.`)
  }
  return { PORT: port, MANAGEMENT_PORT: String(number + MANAGEMENT_OFFSET) }
}

function fail (problem: string): never {
  console.error(problem)
  process.exit(2)
}

/** Why a service cannot listen on a port, with the name of the setting of `make start`. */
async function portProblem (port: number, origin: string, setting: string) {
  const deadline = Date.now() + PORT_TIMEOUT_MS
  for (const host of LOOPBACK) {
    let error = await listenError(port, host)
    while (error?.code === 'EADDRINUSE' && Date.now() < deadline) {
      await sleep(PORT_CHECK_MS)
      error = await listenError(port, host)
    }
    if (error?.code === 'EADDRINUSE' || error?.code === 'EACCES') {
      return await describePortError(error, { port, host, origin, setting })
    }
  }
}

async function listenError (port: number, host: string) {
  const server = createServer().listen(port, host)
  try {
    await once(server, 'listening')
  } catch (error) {
    return error as NodeJS.ErrnoException
  }
  server.close()
  await once(server, 'close')
}

const backendPorts = ports(BACKEND_PORT)
const frontendPorts = ports(FRONTEND_PORT)
if (new Set([backendPorts, frontendPorts].flatMap(Object.values)).size < 4) {
  fail(
    `FRONTEND_PORT=${FRONTEND_PORT} and BACKEND_PORT=${BACKEND_PORT} collide: ` +
    `each service also uses the port ${MANAGEMENT_OFFSET} above.`
  )
}
const problems = await Promise.all(
  Object.entries({ FRONTEND_PORT, BACKEND_PORT }).flatMap(([setting, port]) => [
    portProblem(Number(port), setting, setting),
    portProblem(Number(port) + MANAGEMENT_OFFSET, `${setting} + ${MANAGEMENT_OFFSET}`, setting)
  ])
)
if (problems.some(Boolean)) fail(problems.filter(Boolean).join('\n'))

// The backend trusts the client addresses that the frontend on this computer forwards.
const { TRUST_PROXY = 'loopback' } = process.env
const BACKEND_URL = `http://127.0.0.1:${BACKEND_PORT}`
const services = [
  start('backend', { ...backendPorts, DATA_DIR, TRUST_PROXY }),
  start('frontend', { ...frontendPorts, BACKEND_URL })
]

let stopping = false
function stop (): void {
  // Once only: a second signal makes a service abort its requests.
  if (stopping) return
  stopping = true
  for (const { child } of services) child.kill('SIGTERM')
}
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop)
// The reader of the output is gone: a closed terminal, or `make start | head`.
for (const stream of [log, process.stdout, process.stderr]) stream.on('error', stop)
// A process gets no signal when its parent is killed, only another parent.
const parent = process.ppid
setInterval(() => { if (process.ppid !== parent) stop() }, PARENT_CHECK_MS).unref()

void Promise.all(services.map(({ ready }) => ready)).then(() => {
  const [page, pageMetrics, api, apiMetrics] =
    [FRONTEND_PORT, frontendPorts.MANAGEMENT_PORT, BACKEND_PORT, backendPorts.MANAGEMENT_PORT]
      .map(port => `http://localhost:${port}`)
  console.log(`
  Guestbook   ${page}
  API         ${api}/api/v1/messages   (described in /openapi.json)
  Metrics     ${pageMetrics}/metrics and ${apiMetrics}/metrics
  Messages    ${process.env.MONGODB_URI ? 'in the MongoDB of MONGODB_URI' : `in ${DATA_DIR}`}

  Ctrl-C stops it.
`)
})

await Promise.race(services.map(({ stopped }) => stopped))
stop()
process.exitCode = Math.max(...await Promise.all(services.map(({ stopped }) => stopped)))
