/** Runs the programs that commands need. */
import { spawnSync, type StdioOptions } from 'node:child_process'
import type { Context } from './context.ts'
import { Failure } from './failure.ts'

const run = ({ env, infra }: Context, command: string, args: string[], stdio: StdioOptions) =>
  spawnSync(command, args, { encoding: 'utf8', env, cwd: infra, stdio })

/** Returns what a program prints, or undefined when it fails. */
export function capture (context: Context, command: string, ...args: string[]): string | undefined {
  const { status, stdout } = run(context, command, args, ['ignore', 'pipe', 'ignore'])
  return status === 0 ? stdout.trim() : undefined
}

/** Runs a program on the terminal of this process. @throws Failure when it fails */
export function execInherit (context: Context, command: string, ...args: string[]): void {
  const { status, error, signal } = run(context, command, args, 'inherit')
  if (error) throw new Failure(`${command} cannot be started: ${error.message}`)
  if (status !== 0 && signal === null) throw new Failure(`${command} ${args.join(' ')} failed`)
}

/** Runs a program without showing its output. @throws Failure with the output when it fails */
export function execSilent (context: Context, command: string, ...args: string[]): void {
  const { status, error, stdout, stderr } = run(context, command, args, 'pipe')
  if (error) throw new Failure(`${command} cannot be started: ${error.message}`)
  if (status !== 0) throw new Failure(`${command} ${args.join(' ')} failed:\n${stdout}${stderr}`)
}

/** Returns what kubectl prints on the cluster of the configuration, or undefined on failure. */
export const kubectl = (context: Context, ...args: string[]) =>
  capture(context, 'kubectl', ...kubectlArgs(context, ...args))

/** Arguments of kubectl for the cluster of the configuration. */
export const kubectlArgs = ({ kubeconfig, kubeContext }: Context, ...args: string[]) => [
  '--kubeconfig', kubeconfig, '--context', kubeContext, ...args
]

/** Further options for a program, from an environment variable. */
export const extraArgs = ({ env }: Context, variable: string): string[] =>
  env[variable]?.split(/\s+/).filter(Boolean) ?? []
