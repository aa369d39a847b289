import { spawn, type ChildProcess } from 'node:child_process'
import { EventEmitter, once } from 'node:events'
import { createInterface } from 'node:readline'
import { finished } from 'node:stream/promises'
import { cleanUp } from '@guestbook/service-kit/testing'
import { setFault, type Fault } from './faults-client.ts'
import { ROOT } from './paths.ts'
import type { ServiceName } from './service.ts'

export type { ServiceName }
export type LogLine = Record<string, unknown> & { msg: string }

export interface StartOptions {
  /** Settings. Without these it listens on free ports of the loopback interface. */
  env?: Record<string, string>
  /** A module of ./preload that the process loads before the service. */
  preload?: string
}

export const FAULTS_TOKEN = 'fault-token-of-the-tests'

/** Timeout of a start, and of a log line. */
const TIMEOUT_MS = 20_000
/** The only variable of this process that the service gets too. */
const { PATH = '' } = process.env

/** A service in a process of its own, for one test, which kills it at its end. */
export class ServiceProcess {
  readonly name: ServiceName
  readonly lines: LogLine[] = []
  stderr = ''
  /** Resolves to the exit code, or to the signal that killed it. */
  readonly ended: Promise<number | NodeJS.Signals>
  readonly #child: ChildProcess
  readonly #events = new EventEmitter()

  constructor (name: ServiceName, { env, preload }: StartOptions = {}) {
    this.name = name
    const imports =
      preload === undefined
        ? []
        : ['--import', new URL(`preload/${preload}`, import.meta.url).href]
    const server = `${ROOT}services/${name}/src/server.ts`
    const child = spawn(process.execPath, [...imports, server], {
      env: { PATH, PORT: '0', MANAGEMENT_PORT: '0', MAX_EVENT_LOOP_DELAY_MS: '0', ...env },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'] // ends with this process, as with make start
    })
    this.#child = child
    child.stderr!.setEncoding('utf8').on('data', (text: string) => { this.stderr += text })
    createInterface(child.stdout!).on('line', line => {
      this.lines.push(JSON.parse(line))
      this.#events.emit('line')
    })
    // The event 'close' is not emitted after abandon().
    this.ended = Promise.all([
      once(child, 'exit'),
      finished(child.stdout!),
      finished(child.stderr!)
    ]).then(([[code, signal]]) => {
      this.#events.emit('line') // ends the wait for a line
      return (code ?? signal) as number | NodeJS.Signals
    })
    cleanUp(async () => {
      child.kill('SIGKILL')
      await this.ended
    })
  }

  get url (): string { return this.#address('HTTP server listening at ') }

  get managementUrl (): string { return this.#address('management server listening at ') }

  /** Waits for a log line that matches. */
  async logged (what: string | ((line: LogLine) => boolean)): Promise<LogLine> {
    const matches = typeof what === 'string' ? (line: LogLine) => line.msg === what : what
    const signal = AbortSignal.timeout(TIMEOUT_MS)
    for (;;) {
      const line = this.lines.find(matches)
      if (line) return line
      if (this.#child.exitCode !== null || this.#child.signalCode !== null) {
        throw new Error(`The ${this.name} ended without logging ${String(what)}.\n${this.stderr}`)
      }
      await once(this.#events, 'line', { signal })
    }
  }

  /** Injects a fault for a minute. The process needs FAULTS_TOKEN. */
  async setFault (fault: Fault): Promise<void> {
    await setFault(this.managementUrl, FAULTS_TOKEN, fault, 60)
  }

  kill (signal: NodeJS.Signals): void { this.#child.kill(signal) }

  /** Disconnects it, as if this process had ended. */
  abandon (): void { this.#child.disconnect() }

  /** Sends the signal and waits for the end. */
  async stop (signal: NodeJS.Signals = 'SIGTERM'): Promise<number | NodeJS.Signals> {
    this.kill(signal)
    return await this.ended
  }

  #address (prefix: string): string {
    const line = this.lines.find(({ msg }) => msg.startsWith(prefix))
    if (!line) throw new Error(`The ${this.name} does not listen yet.`)
    return line.msg.slice(prefix.length)
  }
}

/** Starts a service and waits until it is ready. */
export async function startService (
  name: ServiceName,
  options?: StartOptions
): Promise<ServiceProcess> {
  const service = new ServiceProcess(name, options)
  await service.logged('ready')
  return service
}
