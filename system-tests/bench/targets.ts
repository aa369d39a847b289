import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import type { Database } from '../lib/database.ts'
import { run } from '../lib/exec.ts'
import { freePort } from '../lib/free-port.ts'
import { ServerProcess } from '../lib/server-process.ts'
import type { TargetName } from './cases.ts'
import { PEERS } from './install.ts'
import type { Load, Measured } from './wrk.ts'

/** A program that the benchmark measures. */
export interface Target {
  servers: ServerProcess[]
  urls: Record<'page' | 'api', string>
  /** Replaces wrk. */
  send?: (load: Load) => Promise<Measured & { cpuSeconds: number }>
}

/** Starts a peer: one program, with page and API on one port. */
async function startPeer (
  folder: string,
  name: string,
  command: string,
  args: (port: number) => string[],
  env: Record<string, string>,
  cwd?: string
): Promise<Target> {
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
  return { servers: [server], urls: { page: `${url}/`, api: `${url}/api/v1/messages` } }
}

/** Starts all peers, each over its own database. The bare server copies `guestbook`'s answers. */
export async function startPeers (
  folder: string,
  database: Database,
  guestbook: Target
): Promise<Record<Exclude<TargetName, 'guestbook' | 'baseline'>, Target>> {
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
        `--bind=127.0.0.1:${port}`,
        `--workers=${availableParallelism()}`,
        '--worker-class=gthread',
        '--threads=4',
        '--keep-alive=75',
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
    MONGODB_URI: uri,
    CONNECTIONS: `${connections}`,
    DURATION_MS: `${seconds * 1000}`
  }
  return JSON.parse(await run(process.execPath, [program], { env }))
}
