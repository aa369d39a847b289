/** A deployment that is changed with make targets. */
import { spawn } from 'node:child_process'
import { createWriteStream, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { parse, stringify } from 'yaml'
import { Kubectl } from '../../lib/kubectl.ts'
import { ROOT } from '../../lib/paths.ts'
import { context, type Context } from '../../../infra/cli/context.ts'
import { kubectlArgs } from '../../../infra/cli/exec.ts'

const folder = `${ROOT}reports/e2e-infra`
const infra = `${ROOT}infra/`
export const CLUSTER = 'guestbook-e2e'
/** A registry that does not exist: images must be in the nodes. */
export const REGISTRY = 'guestbook.invalid'
/** Tags of the first deployment, and of the one that Git names later. */
export const TAGS = { first: 'e2e', next: 'e2e-next' }

type Settings = Record<string, any>

/** Settings of this computer: sources of charts and images, and ports. */
const base: Settings =
  parse(readFileSync(process.env.GUESTBOOK_CONFIG || '/dev/null', 'utf8')) ?? {}

/** An image that contains git: that of Argo CD, which mirrors have too. */
export const gitImage = `${base.mirrors?.registry ?? 'quay.io'}/argoproj/argocd:v3.4.4`

const common: Settings = {
  ...base,
  target: { ...base.target, type: 'kind', clusterName: CLUSTER },
  images: {
    repository: REGISTRY,
    build: false,
    tags: { backend: TAGS.first, frontend: TAGS.first }
  },
  mirrors: {
    ...base.mirrors,
    preload: [
      ...(base.mirrors?.preload ?? []),
      ...['backend', 'frontend'].map(service => `${REGISTRY}/guestbook-${service}:${TAGS.first}`),
      `${REGISTRY}/guestbook-backend:${TAGS.next}`
    ]
  },
  // A volume that Argo CD must not delete.
  mongodb: { backup: true },
  // The workflow "platform" deploys monitoring.
  monitoring: { prometheus: false, grafana: false, traces: false, logs: 'off' }
}

/** A deployment with overrides of the common settings. */
export class Deployment {
  readonly name: string
  readonly context: Context
  readonly cluster: Kubectl
  /** kubectl in the namespace of the guestbook. */
  readonly guestbook: Kubectl
  readonly #env: NodeJS.ProcessEnv

  constructor (name: string, settings: Settings = {}) {
    this.name = name
    mkdirSync(folder, { recursive: true })
    const file = join(folder, `${name}.yaml`)
    writeFileSync(file, stringify({ ...common, ...settings }))
    this.#env = { ...process.env, ENVIRONMENT: 'dev', GUESTBOOK_CONFIG: file }
    this.context = context(infra, this.#env)
    this.cluster = new Kubectl(...kubectlArgs(this.context))
    this.guestbook = new Kubectl(...kubectlArgs(this.context, '--namespace', 'guestbook'))
  }

  /**
   * Runs a make target, and prints its lines that have a time.
   * @param interrupt resolves when Ctrl-C must be pressed
   * @returns the output
   * @throws Error with the end of the output when it fails without an interruption
   */
  async make (target: string, interrupt?: () => Promise<unknown>): Promise<string> {
    // A terminal sends the signal to every process of a group.
    const child = spawn('make', ['--no-print-directory', target], {
      cwd: ROOT,
      env: this.#env,
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true
    })
    const log = createWriteStream(join(folder, `${this.name}-${target}.log`))
    let printed = ''
    for (const stream of [child.stdout, child.stderr]) {
      createInterface(stream).on('line', line => {
        printed += `${line}\n`
        log.write(`${line}\n`)
        if (/^\[\d+:\d\d\]/.test(line)) console.log(`    ${line}`)
      })
    }
    let interrupted = false
    const ended = new Promise<number | null>((resolve, reject) =>
      child.on('close', resolve).on('error', reject)
    )
    const [code] = await Promise.all([
      ended,
      interrupt?.().then(() => {
        interrupted = child.exitCode === null && process.kill(-child.pid!, 'SIGINT')
      })
    ])
    log.end()
    if (interrupt ? !interrupted : code !== 0) {
      const reason = interrupt ? ' before it could be interrupted' : ''
      const end = printed.split('\n').slice(-40).join('\n')
      throw new Error(`make ${target} (${log.path}) ended with ${code}${reason}:\n${end}`)
    }
    return printed
  }

  /** Addresses of a stack's resources in Terraform's state. */
  resources (stack: string): string[] {
    const state = readFileSync(join(infra, 'state/dev', `${stack}.tfstate`), 'utf8')
    return JSON.parse(state).resources.map(
      ({ type, name }: { type: string; name: string }) => `${type}.${name}`
    )
  }
}

/** @throws Error when a deployment would be overwritten */
export function assertNoDeployment (): void {
  if (base.target?.type === 'context') {
    throw new Error(
      'target.type is "context": this test makes and removes a Kind cluster of its own'
    )
  }
  const state = join(infra, 'state/dev/cluster.tfstate')
  if (
    (statSync(state, { throwIfNoEntry: false })?.size ?? 0) > 0 &&
    JSON.parse(readFileSync(state, 'utf8')).resources.length > 0
  ) {
    throw new Error(
      'infra/state/dev belongs to a deployment that is there: ' +
        '`make down` first, or run this in another checkout'
    )
  }
}
