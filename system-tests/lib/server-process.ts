import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { until, answers } from './until.ts'

/** Longest time until a server is ready. */
const START_TIMEOUT_MS = 90_000

export interface ServerOptions {
  command: string
  args: string[]
  /** PATH is the only variable of this process that the server gets too. */
  env?: Record<string, string>
  /** Working directory. */
  cwd?: string
  /** File that its output is appended to. */
  log: string
  /** URL that answers 2xx once the server is ready; without one it is ready at once. */
  ready?: string
}

/** A server in a process of its own that logs to a file. It can be stopped and started again. */
export class ServerProcess {
  readonly #options: ServerOptions
  #child: ChildProcess | undefined

  constructor (options: ServerOptions) {
    this.#options = options
  }

  /** Of the process that runs now, or ran last. */
  get pid (): number { return this.#child!.pid! }

  get isRunning (): boolean {
    return (
      this.#child !== undefined &&
      this.#child.exitCode === null &&
      this.#child.signalCode === null
    )
  }

  /** Resolves to the milliseconds until it was ready. */
  async start (): Promise<number> {
    const { command, args, env, cwd, log, ready } = this.#options
    const output = openSync(log, 'a')
    const started = performance.now()
    const child = spawn(command, args, {
      cwd,
      env: { PATH: process.env.PATH!, ...env },
      stdio: ['ignore', output, output]
    })
    closeSync(output)
    this.#child = child
    await once(child, 'spawn')
    if (ready === undefined) return performance.now() - started
    const isReady = await until(
      `${command} is ready`,
      async () => !this.isRunning || (await answers(ready)),
      START_TIMEOUT_MS
    ).then(() => this.isRunning, () => false)
    if (!isReady) {
      const state = this.isRunning ? 'is not ready' : 'ended'
      const end = readFileSync(log, 'utf8').split('\n').slice(-15).join('\n')
      throw new Error(`${command} ${args.join(' ')} ${state}. The end of its log:\n${end}`)
    }
    return performance.now() - started
  }

  kill (signal: NodeJS.Signals): void { this.#child?.kill(signal) }

  /** Sends the signal and waits for the end. */
  async stop (signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    if (!this.isRunning) return
    const ended = once(this.#child!, 'exit')
    this.kill(signal)
    await ended
  }
}
