/** The tools a cluster is driven by, as a person would; what they print is shown when they fail. */
import { execFileSync, spawnSync } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'

export const NAMESPACE = process.env.NAMESPACE ?? 'guestbook-e2e'

function run (command: string, args: string[], input?: string): string {
  return execFileSync(command, args, {
    encoding: 'utf8',
    input,
    stdio: ['pipe', 'pipe', 'inherit'],
    maxBuffer: 64 * 1024 * 1024
  }).trim()
}

/** For what belongs to no namespace. */
export const kubectlGlobal = (...args: string[]) => run('kubectl', args)
export const kubectl = (...args: string[]) => run('kubectl', ['--namespace', NAMESPACE, ...args])
export const apply = (manifest: object) =>
  run('kubectl', ['--namespace', NAMESPACE, 'apply', '--filename', '-'], JSON.stringify(manifest))
/** For what names its own namespace. */
export const applyGlobal = (manifest: object) =>
  run('kubectl', ['apply', '--filename', '-'], JSON.stringify(manifest))
export const helm = (...args: string[]) =>
  run('helm', [args[0]!, '--namespace', NAMESPACE, ...args.slice(1)])
/** For what may fail; gives what was printed, or nothing. */
export function attempt (...args: string[]): string | undefined {
  const { status, stdout } = spawnSync('kubectl', ['--namespace', NAMESPACE, ...args], {
    encoding: 'utf8'
  })
  return status === 0 ? stdout.trim() : undefined
}
export const build = (...args: string[]) => run('./build.sh', args)

/** Says what is being done, and how long it took. */
export async function step<T> (what: string, work: () => T | Promise<T>): Promise<T> {
  process.stdout.write(`${what} ... `)
  const start = performance.now()
  const result = await work()
  console.log(`${((performance.now() - start) / 1000).toFixed(1)} s`)
  return result
}

/** Asks again and again, for two minutes at most. */
export async function until (holds: () => boolean): Promise<void> {
  for (const end = Date.now() + 120_000; !holds() && Date.now() < end;) await sleep(1000)
}

export function check (claim: string, holds: boolean, detail?: unknown): void {
  console.log(`  ${holds ? 'yes' : 'NO '}  ${claim}`)
  if (holds) return
  throw new Error(`${claim}: ${JSON.stringify(detail)}`)
}
