/** The tools a cluster is driven by, as a person would; what they print is shown when they fail. */
import { execFileSync } from 'node:child_process'

export const NAMESPACE = process.env.NAMESPACE ?? 'guestbook-e2e'

function run (command: string, args: string[], input?: string): string {
  return execFileSync(command, args, { encoding: 'utf8', input, stdio: ['pipe', 'pipe', 'inherit'], maxBuffer: 64 * 1024 * 1024 }).trim()
}

/** For what belongs to no namespace. */
export const kubectlGlobal = (...args: string[]) => run('kubectl', args)
export const kubectl = (...args: string[]) => run('kubectl', ['--namespace', NAMESPACE, ...args])
export const apply = (manifest: object) => run('kubectl', ['--namespace', NAMESPACE, 'apply', '--filename', '-'], JSON.stringify(manifest))
export const helm = (...args: string[]) => run('helm', [args[0]!, '--namespace', NAMESPACE, ...args.slice(1)])
export const build = (...args: string[]) => run('./build.sh', args)

/** Says what is being done, and how long it took. */
export async function step<T> (what: string, work: () => T | Promise<T>): Promise<T> {
  process.stdout.write(`${what} ... `)
  const start = performance.now()
  const result = await work()
  console.log(`${((performance.now() - start) / 1000).toFixed(1)} s`)
  return result
}

export function check (claim: string, holds: boolean, detail?: unknown): void {
  console.log(`  ${holds ? 'yes' : 'NO '}  ${claim}`)
  if (holds) return
  throw new Error(`${claim}: ${JSON.stringify(detail)}`)
}
