/** Runs the programs that commands need. */
import { spawnSync } from 'node:child_process'
import type { Context } from './context.ts'
import { Failure } from './failure.ts'

/** Returns what a program prints, or undefined when it fails. */
export function capture (context: Context, command: string, ...args: string[]): string | undefined {
  const { status, stdout } = spawnSync(command, args, {
    encoding: 'utf8',
    env: context.env,
    cwd: context.infra,
    stdio: ['ignore', 'pipe', 'ignore']
  })
  return status === 0 ? stdout.trim() : undefined
}

/** Runs a program on the terminal of this process. @throws Failure when it fails */
export function execInherit (context: Context, command: string, ...args: string[]): void {
  const { status, error, signal } = spawnSync(command, args, {
    env: context.env,
    cwd: context.infra,
    stdio: 'inherit'
  })
  if (error) throw new Failure(`${command} cannot be started: ${error.message}`)
  if (status !== 0 && signal === null) throw new Failure(`${command} ${args.join(' ')} failed`)
}

/** Runs a program without showing its output. @throws Failure with the output when it fails */
export function execSilent (context: Context, command: string, ...args: string[]): void {
  const { status, error, stdout, stderr } = spawnSync(command, args, {
    encoding: 'utf8',
    env: context.env,
    cwd: context.infra
  })
  if (error) throw new Failure(`${command} cannot be started: ${error.message}`)
  if (status !== 0) throw new Failure(`${command} ${args.join(' ')} failed:\n${stdout}${stderr}`)
}

/** Arguments of kubectl for the cluster of the configuration. */
export const kubectlArgs = ({ kubeconfig, kubeContext }: Context, ...args: string[]) => [
  '--kubeconfig',
  kubeconfig,
  '--context',
  kubeContext,
  ...args
]

/** Further options for a program, from an environment variable. */
export const extraArgs = ({ env }: Context, variable: string): string[] =>
  env[variable]?.split(/\s+/).filter(Boolean) ?? []
