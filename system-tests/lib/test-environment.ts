import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ServerProcess } from './server-process.ts'

/** A folder and servers for one run. `close` removes both, and so does Ctrl-C. */
export class TestEnvironment {
  readonly folder: string
  readonly #servers: ServerProcess[] = []

  constructor (name: string) {
    this.folder = mkdtempSync(join(tmpdir(), `guestbook-${name}-`))
    process.once('SIGINT', () => { void this.close().then(() => process.exit(130)) })
  }

  add (...servers: ServerProcess[]): void { this.#servers.push(...servers) }

  async close (): Promise<void> {
    await Promise.all(
      this.#servers.toReversed().map(async server => { await server.stop('SIGKILL') })
    )
    rmSync(this.folder, { recursive: true, force: true })
  }
}

/** Writes a report into a folder, which is created when it is missing. */
export function writeReport (folder: string, name: string, report: string | object): void {
  mkdirSync(folder, { recursive: true })
  const text = typeof report === 'string' ? report : `${JSON.stringify(report, null, 2)}\n`
  writeFileSync(join(folder, name), text)
}
