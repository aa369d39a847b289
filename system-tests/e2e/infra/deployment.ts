/** A deployment of its own, driven by the make targets as a person would. */
import { spawn } from 'node:child_process'
import { createWriteStream, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { parse, stringify } from 'yaml'
import { context, type Context } from '../../../infra/cli/context.ts'
import { kubectlArgs, capture } from '../../../infra/cli/exec.ts'
import { component } from '../../../infra/src/components.ts'

export const root = fileURLToPath(new URL('../../..', import.meta.url))
const folder = join(root, 'reports/e2e-infra')
const infra = join(root, 'infra/')
export const CLUSTER = 'guestbook-e2e'
/** Nobody can pull from it: images must be in the nodes. */
export const REGISTRY = 'guestbook.invalid'
/** Tags of the images: of the first deployment, and of what Git names later. */
export const TAGS = { first: 'e2e', next: 'e2e-next' }

type Settings = Record<string, any>

/** What is special to this computer: where charts and images come from, and which ports are free. */
const base: Settings =
  parse(readFileSync(process.env.GUESTBOOK_CONFIG || '/dev/null', 'utf8')) ?? {}

/** Argo CD's own image, which has git in it. */
export const gitImage = `${base.mirrors?.registry ?? 'quay.io'}/argoproj/argocd:${component('argo-cd').app}`

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
  // A volume that Argo CD could take away.
  mongodb: { backup: true },
  // Another test deploys the whole platform; this one switches what stands on it.
  monitoring: { prometheus: false, grafana: false, traces: false, logs: 'off' }
}

/** One deployment with other settings on top. */
export class Deployment {
  readonly name: string
  readonly context: Context
  readonly #env: NodeJS.ProcessEnv

  constructor (name: string, settings: Settings = {}) {
    this.name = name
    mkdirSync(folder, { recursive: true })
    const file = join(folder, `${name}.yaml`)
    writeFileSync(file, stringify({ ...common, ...settings }))
    this.#env = { ...process.env, ENVIRONMENT: 'dev', GUESTBOOK_CONFIG: file }
    this.context = context(infra, this.#env)
  }

  /**
   * Runs a make target, and shows its lines with a time in front.
   * @param interrupt when it is done, Ctrl-C is pressed
   * @returns what it printed
   * @throws Error with the end of that when it fails without being interrupted
   */
  async make (target: string, interrupt?: () => Promise<unknown>): Promise<string> {
    // A process group of its own gets the signal as a terminal sends it: to everybody.
    const child = spawn('make', ['--no-print-directory', target], {
      cwd: root,
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
      throw new Error(
        `make ${target} (${log.path}) ended with ${code}${interrupt ? ' before it could be interrupted' : ''}:\n${printed.split('\n').slice(-40).join('\n')}`
      )
    }
    return printed
  }

  /** What kubectl prints. @throws Error when it fails */
  kubectl (...args: string[]): string {
    const answer = capture(this.context, 'kubectl', ...kubectlArgs(this.context, ...args))
    if (answer === undefined) throw new Error(`kubectl ${args.join(' ')} failed`)
    return answer
  }

  /** Addresses of a stack's resources in Terraform's state. */
  resources (stack: string): string[] {
    const state = readFileSync(join(infra, 'state/dev', `${stack}.tfstate`), 'utf8')
    return JSON.parse(state).resources.map(
      ({ type, name }: { type: string; name: string }) => `${type}.${name}`
    )
  }
}

/** @throws Error when somebody's deployment would be overwritten */
export function refuseToOverwrite (): void {
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
      'infra/state/dev belongs to a deployment that is there: `make down` first, or run this in another checkout'
    )
  }
}
