/** Programs that commands call. */
import { spawn, spawnSync } from 'node:child_process'
import type { Context } from './context.ts'
import { Failure, Interrupted } from './failure.ts'

/** What a program prints, or undefined when it fails. */
export function capture (context: Context, command: string, ...args: string[]): string | undefined {
  const { status, stdout } = spawnSync(command, args, {
    encoding: 'utf8',
    env: context.env,
    cwd: context.infra,
    stdio: ['ignore', 'pipe', 'ignore']
  })
  return status === 0 ? stdout.trim() : undefined
}

/** Lets a program talk to the user. @throws Failure when it fails */
export function execInherit (context: Context, command: string, ...args: string[]): void {
  const { status, error, signal } = spawnSync(command, args, {
    env: context.env,
    cwd: context.infra,
    stdio: 'inherit'
  })
  if (error) throw new Failure(`${command} cannot be started: ${error.message}`)
  if (status !== 0 && signal === null) throw new Failure(`${command} ${args.join(' ')} failed`)
}

/** Runs a program that is only heard when it fails. @throws Failure with what it printed */
export function execSilent (context: Context, command: string, ...args: string[]): void {
  const { status, error, stdout, stderr } = spawnSync(command, args, {
    encoding: 'utf8',
    env: context.env,
    cwd: context.infra
  })
  if (error) throw new Failure(`${command} cannot be started: ${error.message}`)
  if (status !== 0) throw new Failure(`${command} ${args.join(' ')} failed:\n${stdout}${stderr}`)
}

/** kubectl on the cluster of the configuration. */
export const kubectlArgs = ({ kubeconfig, kubeContext }: Context, ...args: string[]) => [
  '--kubeconfig',
  kubeconfig,
  '--context',
  kubeContext,
  ...args
]

/** More options that the user has for a program, in a variable of the environment. */
export const extraArgs = ({ env }: Context, variable: string): string[] =>
  env[variable]?.split(/\s+/).filter(Boolean) ?? []

/**
 * Runs cdktf and passes each line that says something to `line`. cdktf draws its picture anew several times a second; all
 * that is left out. When this process is interrupted, Terraform is asked to end; a second time everything is.
 * @throws Failure with what Terraform says is wrong, Interrupted when it was that
 */
export async function cdktf (
  context: Context,
  args: string[],
  line: (text: string) => void
): Promise<void> {
  // In a group of its own it does not hear Ctrl-C. It would end at once, and Terraform with it, before that has written down what it made.
  const child = spawn('cdktf', [...args, ...extraArgs(context, 'CDKTF_ARGS')], {
    env: { ...context.env, FORCE_COLOR: '0', CI: '1' },
    cwd: context.infra,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true
  })
  let interrupted = false
  const interrupt = () => {
    const begun = interrupted ? undefined : capture(context, 'pgrep', '-P', `${child.pid}`)
    interrupted = true
    if (begun) {
      console.error('interrupted: Terraform ends what it has begun; once more ends it at once')
      capture(context, 'kill', '-INT', ...begun.split('\n'))
    } else capture(context, 'kill', '-TERM', '--', `-${child.pid}`)
  }
  for (const signal of INTERRUPTIONS) process.on(signal, interrupt)
  const errors = new Set<string>()
  let rest = ''
  const take = (chunk: string) => {
    const lines = (rest + chunk).split('\n')
    rest = lines.pop()!
    for (const text of lines.map(plain).filter(Boolean)) {
      const unboxed = text
        .replace(/^\w*\s*[│╷╵] ?/, '')
        .replace(/^(cluster|platform|guestbook) {2}/, '')
        .trimEnd()
      // From the first error on, everything may explain it.
      if (errors.size > 0 || /^Error:/.test(unboxed)) errors.add(unboxed)
      line(text)
    }
  }
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', take)
  const code = await new Promise<number | null>((resolve, reject) =>
    child.on('close', resolve).on('error', reject)
  ).finally(() => {
    for (const signal of INTERRUPTIONS) process.off(signal, interrupt)
  })
  take('\n')
  if (interrupted) {
    throw new Interrupted(`cdktf ${args.join(' ')} was interrupted. Run the same again to go on.`)
  }
  if (code !== 0) {
    throw new Failure(
      [
        `cdktf ${args.join(' ')} failed.`,
        ...[...errors].filter(text => text.trim()).slice(0, ERROR_LINES)
      ].join('\n  ')
    )
  }
}

const ERROR_LINES = 40
const INTERRUPTIONS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** A line without colours, cursor movements and the spinner; empty when nothing is left that says something. */
export function plain (raw: string): string {
  // eslint-disable-next-line no-control-regex
  const text = raw.replace(/\u001b\[[\d;]*[A-Za-z]/g, '').replace(/^[\s⠀-⣿]+/, '').trimEnd()
  return /^(\d+ Stacks? |Processing|$)/.test(text) ? '' : text
}
