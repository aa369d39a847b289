/** The tools that e2e tests use, and how they report. */
import { run } from '../lib/exec.ts'
import { Kubectl } from '../lib/kubectl.ts'
import { ROOT } from '../lib/paths.ts'

export const NAMESPACE = process.env.NAMESPACE ?? 'guestbook-e2e'

export const cluster = new Kubectl()
export const kubectl = new Kubectl('--namespace', NAMESPACE)

export const helm = async (command: string, ...args: string[]): Promise<string> =>
  await run('helm', [command, '--namespace', NAMESPACE, ...args], { cwd: ROOT })

export const build = async (...args: string[]): Promise<string> =>
  await run('./build.sh', args, { cwd: ROOT })

/** Prints what is done, and how long it took. */
export async function step<T> (what: string, work: () => Promise<T>): Promise<T> {
  process.stdout.write(`${what} ... `)
  const start = performance.now()
  const result = await work()
  console.log(`${((performance.now() - start) / 1000).toFixed(1)} s`)
  return result
}

/** Prints a claim. @throws Error with the detail unless it holds */
export function check (claim: string, holds: boolean, detail?: unknown): void {
  console.log(`  ${holds ? 'yes' : 'NO '}  ${claim}`)
  if (!holds) throw new Error(`${claim}: ${JSON.stringify(detail)}`)
}
