import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { OWN_GROUP, run } from './exec.ts'
import { freePort } from './free-port.ts'
import { until } from './until.ts'

/** kubectl with the given arguments in front, such as a namespace or a kubeconfig. */
export class Kubectl {
  readonly #args: string[]

  constructor (...args: string[]) {
    this.#args = args
  }

  /** Runs kubectl and returns what it prints. @throws Error with its output when it fails */
  run = async (...args: string[]): Promise<string> => await run('kubectl', [...this.#args, ...args])

  getJson = async <T>(...args: string[]): Promise<T> =>
    JSON.parse(await this.run('get', ...args, '--output=json')) as T

  /** A value of an object. */
  read = async (object: string, jsonpath: string, ...args: string[]): Promise<string> =>
    await this.run('get', object, `--output=jsonpath=${jsonpath}`, ...args)

  /** The names of objects, as `kind/name`. */
  names = async (kinds: string, ...args: string[]): Promise<string[]> =>
    (await this.run('get', kinds, '--output=name', ...args)).split('\n').filter(Boolean)

  /** Waits until objects fulfil a condition of `kubectl wait --for`. */
  wait = async (
    objects: string | string[], condition: string, timeout = '60s', ...args: string[]
  ) => {
    const options = [`--for=${condition}`, `--timeout=${timeout}`]
    return await this.run('wait', ...[objects].flat(), ...args, ...options)
  }

  /** Waits until the pods of workloads are ready. */
  rolledOut = async (...workloads: string[]): Promise<void> => {
    for (const workload of workloads) {
      await this.run('rollout', 'status', workload, '--timeout=180s')
    }
  }

  scale = async (workload: string, replicas: number): Promise<void> => {
    await this.run('scale', workload, `--replicas=${replicas}`)
  }

  /** Evaluates a module with Node in a pod, and returns what it prints. */
  evaluate = async (target: string, module: string): Promise<string> =>
    await this.run('exec', target, '--', 'node', '--input-type=module', '--eval', module)

  /** Applies, replaces or deletes objects. */
  async send (verb: 'apply' | 'replace' | 'delete', ...items: object[]): Promise<void> {
    await run(
      'kubectl',
      [...this.#args, verb, '--filename=-', ...(verb === 'delete' ? ['--ignore-not-found'] : [])],
      { input: JSON.stringify({ apiVersion: 'v1', kind: 'List', items }) }
    )
  }

  /** Forwards a local port to a Service or a Deployment, and to the pods that replace its pods. */
  async forward (target: string, port: number | string, ...args: string[]): Promise<Forward> {
    const local = await freePort()
    const command = ['port-forward', '--pod-running-timeout=5s', target, `${local}:${port}`]
    return new Forward([...this.#args, ...args, ...command], local)
  }
}

export class Forward {
  readonly port: number
  readonly url: string
  #child: ChildProcess | undefined
  #closed = false

  constructor (args: string[], port: number) {
    this.port = port
    this.url = `http://127.0.0.1:${port}`
    void this.#keepOpen(args)
  }

  /** Resolves when the port accepts connections. */
  async ready (): Promise<this> {
    await until(`a port-forward to ${this.port}`, async () => {
      const socket = connect(this.port, '127.0.0.1')
      const isOpen = await once(socket, 'connect').then(() => true, () => false)
      socket.destroy()
      return isOpen
    }, 30_000, 100)
    return this
  }

  async #keepOpen (args: string[]): Promise<void> {
    while (!this.#closed) {
      this.#child = spawn('kubectl', args, { ...OWN_GROUP, stdio: 'ignore' })
      await once(this.#child, 'close').catch(() => {})
      await sleep(300)
    }
  }

  close (): void {
    this.#closed = true
    this.#child?.kill()
  }
}
