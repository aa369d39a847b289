import { setTimeout as sleep } from 'node:timers/promises'
import type { ServerProcess } from '../lib/server-process.ts'
import { answers, until } from '../lib/until.ts'

/** Longer than a client waits for an answer. */
const SUSPENDED_MS = 6000
const STOPPED_MS = 1500
/** The consequences of a fault may last this much longer: an attempt, a retry, an election. */
export const AFTERMATH_MS = 12_000

export interface Fault { name: string, kind: 'stopped' | 'killed' | 'suspended' }
/** The time in which requests may fail, on the clock of `performance.now()`. */
export interface Window { name: string, from: number, to: number }

export const FAULTS: Fault[] = (['stopped', 'killed', 'suspended'] as const).flatMap(kind =>
  ['backend', 'frontend', 'mongod'].map(name => ({ name, kind }))
)

/** Injects a fault, ends it, and waits until `page` answers 200 again. */
export async function inject (
  { name, kind }: Fault,
  server: ServerProcess,
  page: string
): Promise<Window> {
  const from = performance.now()
  if (kind === 'suspended') {
    server.kill('SIGSTOP')
    await sleep(SUSPENDED_MS)
    server.kill('SIGCONT')
  } else {
    await server.stop(kind === 'killed' ? 'SIGKILL' : 'SIGTERM')
    await sleep(STOPPED_MS)
    await server.start()
  }
  await until(`the page after ${name} was ${kind}`, async () => await answers(page), 60_000, 50)
  return { name: `${name} ${kind}`, from, to: performance.now() + AFTERMATH_MS }
}
