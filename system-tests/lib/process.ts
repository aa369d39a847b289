import { spawn, type ChildProcess } from 'node:child_process'
import { EventEmitter, once } from 'node:events'
import { createInterface } from 'node:readline'
import { finished } from 'node:stream/promises'
import { fileURLToPath } from 'node:url'
import { cleanUp, temporaryFolder } from '@guestbook/service-kit/testing'
import { request } from 'undici'

export { cleanUp, temporaryFolder }

export type ServiceName = 'backend' | 'frontend'
export type LogLine = Record<string, unknown> & { msg: string }

export interface StartOptions {
  /** Settings beside free ports on loopback and the addresses of nothing else. */
  env?: Record<string, string>
  /** A module of system-tests/lib/preload that the process loads before the service. */
  preload?: string
}

export const FAULTS_TOKEN = 'fault-token-of-the-tests'

/** Longest start on a busy machine, and longest wait for a line that should be there. */
const PATIENCE_MS = 20_000
/** Of the settings, only these come from outside: nothing on a developer's machine shall change what is tested. */
const { PATH = '' } = process.env

/** A service in a process of its own, as people run it. Killed after the test if it still runs then. */
export class ServiceProcess {
  readonly name: ServiceName
  readonly lines: LogLine[] = []
  /** What it wrote beside the log. */
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
    const server = fileURLToPath(new URL(`../../services/${name}/src/server.ts`, import.meta.url))
    const child = spawn(process.execPath, [...imports, server], {
      env: { PATH, PORT: '0', MANAGEMENT_PORT: '0', MAX_EVENT_LOOP_DELAY_MS: '0', ...env },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'] // as make start does: it ends when these tests are killed
    })
    this.#child = child
    child.stderr!.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text
    })
    createInterface(child.stdout!).on('line', line => {
      this.lines.push(JSON.parse(line))
      this.#events.emit('line')
    })
    // Not its event 'close', which does not come after abandon().
    this.ended = Promise.all([
      once(child, 'exit'),
      finished(child.stdout!),
      finished(child.stderr!)
    ]).then(([[code, signal]]) => {
      this.#events.emit('line') // wakes who waits for a line that will not come
      return (code ?? signal) as number | NodeJS.Signals
    })
    cleanUp(async () => {
      child.kill('SIGKILL')
      await this.ended
    })
  }

  get url (): string {
    return this.#address('HTTP server listening at ')
  }

  get managementUrl (): string {
    return this.#address('management server listening at ')
  }

  /** The first log line that fits, as soon as it is there. */
  async logged (what: string | ((line: LogLine) => boolean)): Promise<LogLine> {
    const fits = typeof what === 'string' ? (line: LogLine) => line.msg === what : what
    const signal = AbortSignal.timeout(PATIENCE_MS)
    for (;;) {
      const line = this.lines.find(fits)
      if (line) return line
      if (this.#child.exitCode !== null || this.#child.signalCode !== null) {
        throw new Error(`The ${this.name} ended without logging ${String(what)}.\n${this.stderr}`)
      }
      await once(this.#events, 'line', { signal })
    }
  }

  /** Breaks it in the given way for a minute; it must have been started with FAULTS_TOKEN. */
  async setFault (fault: {
    latencyMs?: number
    errorRate?: number
    storeDown?: boolean
  }): Promise<void> {
    const { statusCode, body } = await request(`${this.managementUrl}/faults`, {
      method: 'PUT',
      headers: { authorization: `Bearer ${FAULTS_TOKEN}`, 'content-type': 'application/json' },
      body: JSON.stringify({ ...fault, expiresInSeconds: 60 })
    })
    if (statusCode !== 200) {
      throw new Error(`The fault switch answered ${statusCode}: ${await body.text()}`)
    }
    await body.dump()
  }

  kill (signal: NodeJS.Signals): void {
    this.#child.kill(signal)
  }

  /** As if this process, its parent, had ended. */
  abandon (): void {
    this.#child.disconnect()
  }

  /** Sends the signal and waits for the end. */
  async stop (signal: NodeJS.Signals = 'SIGTERM'): Promise<number | NodeJS.Signals> {
    this.kill(signal)
    return await this.ended
  }

  #address (prefix: string): string {
    const line = this.lines.find(({ msg }) => msg.startsWith(prefix))
    if (!line) throw new Error(`The ${this.name} does not listen (yet).`)
    return line.msg.slice(prefix.length)
  }
}

/** A service that is ready to take traffic. */
export async function startService (
  name: ServiceName,
  options?: StartOptions
): Promise<ServiceProcess> {
  const service = new ServiceProcess(name, options)
  await service.logged('ready')
  return service
}
