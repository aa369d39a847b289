/** A command and what it printed. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'

/** A process group of its own keeps Ctrl-C from what puts things back. */
export const OWN_GROUP = { detached: true }

/** @throws Error with what the command printed when it fails */
export async function run (
  command: string,
  args: string[],
  { input = '', env = {} }: { input?: string; env?: Record<string, string> } = {}
): Promise<string> {
  const child = spawn(command, args, {
    ...OWN_GROUP,
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
