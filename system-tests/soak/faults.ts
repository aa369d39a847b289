import { setTimeout as sleep } from 'node:timers/promises'
import { request } from 'undici'
import type { ServerProcess } from '../lib/server-process.ts'

/** How long a server is held. Longer than anybody waits for it. */
const HELD_MS = 6000
/** How long it is away. */
const AWAY_MS = 1500
/** What a fault began may end this much later: a visitor's attempt, a retry, a new election. */
export const AFTERMATH_MS = 12_000

export type Way = 'stopped' | 'killed' | 'held'
export interface Fault { name: string, way: Way }
/** By the clock of `performance.now()`. */
export interface Window { name: string, from: number, to: number }

export const FAULTS: Fault[] = (['stopped', 'killed', 'held'] as const).flatMap(way =>
  ['backend', 'frontend', 'mongod'].map(name => ({ name, way }))
)

/** Causes the fault, mends it, waits until `page` answers 200 again; everything until then and a while after is its window. */
export async function cause (
  { name, way }: Fault,
  server: ServerProcess,
  page: string
): Promise<Window> {
  const from = performance.now()
  if (way === 'held') {
    server.kill('SIGSTOP')
    await sleep(HELD_MS)
    server.kill('SIGCONT')
  } else {
    await server.stop(way === 'killed' ? 'SIGKILL' : 'SIGTERM')
    await sleep(AWAY_MS)
    await server.start()
  }
  const deadline = performance.now() + 60_000
  while (!(await isFine(page))) {
    if (performance.now() > deadline) {
      throw new Error(`The page was not back a minute after the ${name} was ${way}.`)
    }
    await sleep(50)
  }
  return { name: `${name} ${way}`, from, to: performance.now() + AFTERMATH_MS }
}

async function isFine (page: string): Promise<boolean> {
  try {
    const { statusCode, body } = await request(page, { signal: AbortSignal.timeout(5000) })
    await body.dump()
    return statusCode === 200
  } catch {
    return false
  }
}
