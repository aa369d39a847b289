/** A program in a process of its own, its output in a file. */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { request } from 'undici'

export const isOnPath = (program: string): boolean => spawnSync(program, ['--version'], { stdio: 'ignore' }).error === undefined

export interface ProgramOptions {
  command: string
  args: string[]
  env?: Record<string, string>
  /** File that its output is appended to. */
  log: string
  /** Answers 2xx once the program can be used. */
  ready?: string
}

/** Can be stopped and started again. */
export class Program {
  readonly #options: ProgramOptions
  #child: ChildProcess | undefined

  constructor (options: ProgramOptions) { this.#options = options }

  async start (): Promise<void> {
    const { command, args, env, log, ready } = this.#options
    const output = openSync(log, 'a')
    const child = spawn(command, args, { env: { PATH: process.env.PATH!, HOME: '/nonexistent', ...env }, stdio: ['ignore', output, output] })
    closeSync(output)
    this.#child = child
    child.once('error', () => {})
    if (ready === undefined) return
    const deadline = Date.now() + 90_000
    for (;;) {
      const answer = await request(ready, { signal: AbortSignal.timeout(2000) }).catch(() => undefined)
      await answer?.body.dump().catch(() => {})
      if (answer && answer.statusCode < 300) return
      const ended = child.exitCode !== null || child.signalCode !== null || child.pid === undefined
      if (ended || Date.now() > deadline) throw new Error(`${command} ${ended ? 'ended' : 'is not ready'}. The end of its log:\n${readFileSync(log, 'utf8').split('\n').slice(-15).join('\n')}`)
      await sleep(100)
    }
  }

  /** Sends the signal and waits for the end. */
  async stop (signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    const child = this.#child
    if (!child || child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
    child.kill(signal)
    await once(child, 'exit')
  }
}
