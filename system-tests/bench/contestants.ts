import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { request } from 'undici'
import { NODE_ARGUMENTS, NODE_OPTIONS } from '../../scripts/node-options.ts'
import type { ContestantName } from './cases.ts'
import type { Database } from './database.ts'
import { PEERS } from './install.ts'
import { freePort } from '../lib/free-port.ts'
import { ServerProcess } from '../lib/server-process.ts'
import type { Load, Measured } from './wrk.ts'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const API = '/api/v1/messages'

export interface Contestant {
  servers: ServerProcess[]
  urls: Record<'page' | 'api', string>
  /** Takes the place of wrk. */
  send?: (load: Load) => Promise<Measured & { cpuSeconds: number }>
}

export interface GuestbookContestant extends Contestant {
  frontend: ServerProcess
  backend: ServerProcess
  managementUrls: Record<'frontend' | 'backend', string>
  /** From the start of a process until it was ready. */
  readyMs: Record<'frontend' | 'backend', number>
}

/** Keeps compiled code beside, as the images do. */
function compile (cache: string, root: string): void {
  const modules = [
    'backend/src/main.ts',
    'backend/src/store/mongo-store.ts',
    'frontend/src/main.ts'
  ].map(file => `await import('${root}services/${file}')`)
  const { status, stderr } = spawnSync(
    process.execPath,
    [...NODE_ARGUMENTS, '--input-type=module', '--eval', modules.join('\n')],
    { env: { PATH: process.env.PATH, NODE_OPTIONS, NODE_COMPILE_CACHE: cache }, encoding: 'utf8' }
  )
  if (status !== 0) throw new Error(`The services cannot be compiled: ${stderr}`)
}

/**
 * Both services as their images start them, over MongoDB, or over the embedded store when `store` is a folder.
 * `root` is the checkout that they are of.
 */
export async function startGuestbook (
  folder: string, store: { MONGODB_URI: string } | { DATA_DIR: string }, root = ROOT
): Promise<GuestbookContestant> {
  const compiled = join(folder, 'compiled')
  if (!existsSync(compiled)) compile(compiled, root)
  const ports = await Promise.all([0, 1, 2, 3].map(freePort))
  const [frontendUrl, frontendManagement, backendUrl, backendManagement] = ports.map(
    port => `http://127.0.0.1:${port}`
  ) as [string, string, string, string]
  const service = (name: string, [port, management]: number[], env: Record<string, string>) =>
    new ServerProcess({
      command: process.execPath,
      args: [...NODE_ARGUMENTS, `${root}services/${name}/src/server.ts`],
      env: {
        PORT: `${port}`,
        MANAGEMENT_PORT: `${management}`,
        NODE_OPTIONS,
        NODE_ENV: 'production',
        NODE_COMPILE_CACHE: compiled,
        RATE_LIMIT_POSTS: '1000000000',
        SHUTDOWN_DELAY_MS: '0',
        ...env
      },
      log: `${folder}/${name}.log`,
      ready: `http://127.0.0.1:${management}/ready`
    })
  const backend = service('backend', ports.slice(2), {
    TRUST_PROXY: 'loopback',
    LOG_LEVEL: 'warn',
    ...store
  })
  const frontend = service('frontend', ports, { BACKEND_URL: backendUrl, LOG_LEVEL: 'warn' })
  const readyMs = { backend: await backend.start(), frontend: await frontend.start() }
  return {
    frontend,
    backend,
    servers: [frontend, backend],
    urls: { page: `${frontendUrl}/`, api: `${backendUrl}${API}` },
    managementUrls: { frontend: frontendManagement, backend: backendManagement },
    readyMs
  }
}

/** A peer: one program, with page and API on one port. */
async function startPeer (
  folder: string,
  name: string,
  command: string,
  args: (port: number) => string[],
  env: Record<string, string>,
  cwd?: string
): Promise<Contestant> {
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const server = new ServerProcess({
    command,
    args: args(port),
    cwd,
    env: { PORT: `${port}`, NODE_ENV: 'production', ...env },
    log: `${folder}/${name}.log`,
    ready: `${url}/`
  })
  await server.start()
  return { servers: [server], urls: { page: `${url}/`, api: `${url}${API}` } }
}

/** All peers, each over a database of its own name; the bare server sends what `guestbook` answers now. */
export async function startPeers (
  folder: string,
  database: Database,
  guestbook: Contestant
): Promise<Record<Exclude<ContestantName, 'guestbook' | 'baseline'>, Contestant>> {
  const { execPath: node } = process
  const sources = fileURLToPath(new URL('./peers/', import.meta.url))
  return {
    bare: await startPeer(folder, 'bare', node, () => [`${sources}bare/server.js`], {
      UPSTREAM_PAGE: guestbook.urls.page,
      UPSTREAM_LIST: guestbook.urls.api
    }),
    express: await startPeer(
      folder,
      'express',
      node,
      () => ['server.js'],
      { MONGODB_URI: database.uri('express') },
      `${PEERS}express`
    ),
    flask: await startPeer(
      folder,
      'flask',
      `${PEERS}flask/venv/bin/gunicorn`,
      port => [
        '--bind',
        `127.0.0.1:${port}`,
        '--workers',
        `${availableParallelism()}`,
        '--worker-class',
        'gthread',
        '--threads',
        '4',
        '--keep-alive',
        '75',
        'app:app'
      ],
      { MONGODB_URI: database.uri('flask') },
      `${PEERS}flask`
    ),
    driver: {
      servers: [],
      urls: { page: '', api: '' },
      send: async load =>
        await insertByDriver(`${sources}driver/loop.js`, database.uri('driver'), load)
    }
  }
}

async function insertByDriver (
  program: string,
  uri: string,
  { connections, seconds }: Load
): Promise<Measured & { cpuSeconds: number }> {
  const env = {
    PATH: process.env.PATH!,
    MONGODB_URI: uri,
    CONNECTIONS: `${connections}`,
    DURATION_MS: `${seconds * 1000}`
  }
  const child = spawn(process.execPath, [program], { env, stdio: ['ignore', 'pipe', 'inherit'] })
  const [output, [status]] = await Promise.all([text(child.stdout), once(child, 'close')])
  if (status !== 0) throw new Error(`The loop of the MongoDB driver ended with ${status}.`)
  return JSON.parse(output)
}

/** The event loop's delay (p99, ms) since the last time it was asked for. */
export async function eventLoopDelayMs (managementUrl: string): Promise<number> {
  const { body } = await request(`${managementUrl}/metrics`)
  const value = /^nodejs_eventloop_lag_p99_seconds(?:\{\})? (\S+)/m.exec(await body.text())?.[1]
  if (value === undefined) {
    throw new Error(`${managementUrl}/metrics does not tell the event loop's delay.`)
  }
  return Number(value) * 1000
}
