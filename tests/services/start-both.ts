import { cleanUp, temporaryFolder } from '@guestbook/service-kit/testing'
import { Agent } from 'undici'
import { startService } from '../../system-tests/lib/service-process.ts'
import { Visitor } from '../../system-tests/lib/visitor.ts'

type Env = Record<string, string>
interface Options {
  /** Settings of both services. */
  env?: Env
  /** Settings of one service. */
  ofBackend?: Env
  ofFrontend?: Env
  preload?: string
}

/** Starts both services with an embedded store. Returns them with new visitors. */
export async function startBoth ({ env, ofBackend, ofFrontend, preload }: Options = {}) {
  const backend = await startService('backend', {
    env: { DATA_DIR: temporaryFolder(), ...env, ...ofBackend },
    preload
  })
  const frontend = await startService('frontend', {
    env: { BACKEND_URL: backend.url, ...env, ...ofFrontend },
    preload
  })
  const dispatcher = new Agent()
  cleanUp(async () => { await dispatcher.destroy() })
  const newVisitor = (timeoutMs?: number) => new Visitor(frontend.url, dispatcher, timeoutMs)
  return { backend, frontend, newVisitor }
}
