/** Runs Terraform on the stacks and reads the events that it writes as JSON. */
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { Context } from './context.ts'
import { execSilent } from './exec.ts'
import { Failure, Interrupted } from './failure.ts'

/** The parts of a Terraform event (`-json`) that the commands use. */
export interface TerraformEvent {
  readonly type: string
  readonly '@message': string
  readonly change?: { readonly resource: Resource, readonly action: string }
  readonly hook?: {
    readonly resource: Resource
    readonly action?: string
    /** One line that a provisioner printed. */
    readonly output?: string
  }
  readonly changes?: {
    readonly operation: 'plan' | 'apply' | 'destroy'
    readonly add: number
    readonly change: number
    readonly remove: number
  }
  readonly diagnostic?: Diagnostic
}
export interface Resource {
  readonly addr: string
  readonly resource_type: string
  readonly resource_name: string
}
export interface Diagnostic {
  readonly severity: 'error' | 'warning'
  readonly summary: string
  readonly detail: string
  readonly address?: string
}

/** Terraform reported errors. */
export class TerraformFailure extends Failure {
  readonly errors: readonly Diagnostic[]

  constructor (title: string, errors: readonly Diagnostic[], printed: readonly string[]) {
    const lines = errors.flatMap(({ summary, detail, address }) =>
      [`Error: ${summary}${address ? ` (${address})` : ''}`, ...detail.split('\n')])
    super([title, ...[...lines, ...printed].filter(line => line.trim()).slice(0, ERROR_LINES)]
      .join('\n  '))
    this.errors = errors
  }
}

const ERROR_LINES = 40
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

export const terraformBinary = ({ env }: Context) => env.TERRAFORM_BINARY_NAME || 'terraform'

/** Writes the Terraform files of all stacks. @throws Failure when a policy or setting forbids it */
export const synth = (context: Context): void => execSilent(context, 'node', 'main.ts')

/**
 * Initialises a stack and runs a command on it. An interrupt is passed to Terraform, which finishes
 * its operation and writes its state; a second one ends Terraform and its providers immediately.
 * @param args the command and its options
 * @throws TerraformFailure with Terraform's errors, Interrupted after an interrupt
 */
export async function terraform (
  context: Context,
  stack: string,
  args: string[],
  onEvent: (event: TerraformEvent) => void
): Promise<void> {
  const [binary, folder] = [terraformBinary(context), `-chdir=cdktf.out/stacks/${stack}`]
  execSilent(context, binary, folder, 'init', '-input=false', '-no-color')
  const child = spawn(binary, [folder, ...args, '-input=false', '-json'], {
    env: context.env,
    cwd: context.infra,
    stdio: ['ignore', 'pipe', 'pipe'],
    // Ctrl-C would reach Terraform directly, and the signal passed on would be the second one.
    detached: true
  })
  let interrupts = 0
  const interrupt = () => {
    if (!child.pid) return
    if (++interrupts > 1) return process.kill(-child.pid, 'SIGTERM')
    console.error('interrupted: Terraform finishes its operation; interrupt again to stop it now')
    child.kill('SIGINT')
  }
  for (const signal of SIGNALS) process.on(signal, interrupt)
  const errors: Diagnostic[] = []
  const printed: string[] = []
  createInterface(child.stderr).on('line', line => printed.push(line))
  createInterface(child.stdout).on('line', line => {
    const event = parseEvent(line)
    if (event?.diagnostic?.severity === 'error') errors.push(event.diagnostic)
    if (event) onEvent(event)
    else printed.push(line)
  })
  const code = await new Promise<number | null>((resolve, reject) =>
    child.on('close', resolve).on('error', reject)
  ).finally(() => {
    for (const signal of SIGNALS) process.off(signal, interrupt)
  })
  const title = `terraform ${args[0]} of stack ${stack}`
  if (interrupts > 0) {
    throw new Interrupted(`${title} was interrupted. Run the same command again to continue.`)
  }
  if (code !== 0) throw new TerraformFailure(`${title} failed.`, errors, printed)
}

function parseEvent (line: string): TerraformEvent | undefined {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}
