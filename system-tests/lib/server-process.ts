import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { request } from 'undici'

/** Longest that a server may take until it answers. */
const PATIENCE_MS = 90_000

export interface ServerOptions {
  command: string
  args: string[]
  /** Beside PATH, the only variable that is handed on. */
  env?: Record<string, string>
  /** Folder to run in. */
  cwd?: string
  /** File that its output is appended to. */
  log: string
  /** Address that answers 2xx once the server can be used; without one it counts as usable at once. */
  ready?: string
}

/** A server in a process of its own, its output in a file. Can be stopped and started again. */
export class ServerProcess {
  readonly #options: ServerOptions
  #child: ChildProcess | undefined

  constructor (options: ServerOptions) {
    this.#options = options
  }

  /** Of the process that runs now, or ran last. */
  get pid (): number {
    return this.#child!.pid!
  }

  get isRunning (): boolean {
    return (
      this.#child !== undefined &&
      this.#child.exitCode === null &&
      this.#child.signalCode === null
    )
  }

  /** Resolves to the milliseconds it took until it could be used. */
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
    while (!(await answers(ready))) {
      if (!this.isRunning || performance.now() - started > PATIENCE_MS) {
        throw new Error(
          `${command} ${args.join(' ')} ${this.isRunning ? 'is not ready' : 'ended'}. The end of its log:\n${readFileSync(log, 'utf8').split('\n').slice(-15).join('\n')}`
        )
      }
      await sleep(10)
    }
    return performance.now() - started
  }

  kill (signal: NodeJS.Signals): void {
    this.#child?.kill(signal)
  }

  /** Sends the signal and waits for the end. */
  async stop (signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    if (!this.isRunning) return
    const ended = once(this.#child!, 'exit')
    this.kill(signal)
    await ended
  }
}

async function answers (url: string): Promise<boolean> {
  try {
    const { statusCode, body } = await request(url, { signal: AbortSignal.timeout(2000) })
    await body.dump()
    return statusCode < 300
  } catch {
    return false // not listening yet
  }
}
