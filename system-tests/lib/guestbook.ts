import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { NODE_ARGUMENTS, NODE_OPTIONS } from '../../scripts/node-options.ts'
import { ROOT } from './paths.ts'
import type { ServerProcess } from './server-process.ts'
import { createService, type ServiceName } from './service.ts'

export interface Guestbook {
  frontend: ServerProcess
  backend: ServerProcess
  servers: ServerProcess[]
  /** The page, and the messages of the API. */
  urls: Record<'page' | 'api', string>
  backendUrl: string
  managementUrls: Record<ServiceName, string>
  /** From the start of a process until it was ready. */
  readyMs: Record<ServiceName, number>
}

/** Fills Node's compile cache, as the images do. */
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
 * Starts both services as their images start them, over MongoDB or over the embedded store.
 * `root` is the checkout that they are of.
 */
export async function startGuestbook (
  folder: string,
  store: { MONGODB_URI: string } | { DATA_DIR: string },
  root = ROOT
): Promise<Guestbook> {
  const compiled = join(folder, 'compiled')
  if (!existsSync(compiled)) compile(compiled, root)
  const create = async (kind: ServiceName, env: Record<string, string>) =>
    await createService(kind, {
      folder,
      root,
      nodeArguments: NODE_ARGUMENTS,
      env: {
        NODE_OPTIONS,
        NODE_ENV: 'production',
        NODE_COMPILE_CACHE: compiled,
        LOG_LEVEL: 'warn',
        ...env
      }
    })
  const backend = await create('backend', { TRUST_PROXY: 'loopback', ...store })
  const frontend = await create('frontend', { BACKEND_URL: backend.url })
  const readyMs = {
    backend: await backend.server.start(),
    frontend: await frontend.server.start()
  }
  return {
    frontend: frontend.server,
    backend: backend.server,
    servers: [frontend.server, backend.server],
    urls: { page: `${frontend.url}/`, api: `${backend.url}/api/v1/messages` },
    backendUrl: backend.url,
    managementUrls: { frontend: frontend.managementUrl, backend: backend.managementUrl },
    readyMs
  }
}
