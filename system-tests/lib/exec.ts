import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'

/** A process group of its own protects the commands that clean up from Ctrl-C. */
export const OWN_GROUP = { detached: true }

export interface RunOptions {
  input?: string
  /** Added to this process's environment. */
  env?: NodeJS.ProcessEnv
  cwd?: string
}

/** Runs a command and returns what it prints. @throws Error with its output when it fails */
export async function run (
  command: string,
  args: string[],
  { input = '', env = {}, cwd }: RunOptions = {}
): Promise<string> {
  const child = spawn(command, args, {
    ...OWN_GROUP,
    cwd,
    stdio: 'pipe',
    env: { ...process.env, ...env }
  })
  child.stdin.on('error', () => {}).end(input)
  const [stdout, stderr, [status]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close')
  ])
  if (status !== 0) {
    throw new Error(`${[command, ...args].join(' ')} ended with ${status}:\n${stdout}${stderr}`)
  }
  return stdout.trim()
}

export const isOnPath = (program: string): boolean =>
  spawnSync(program, ['--version'], { stdio: 'ignore' }).error === undefined
