import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ServerProcess } from '../lib/server-process.ts'

/** A folder and servers for one measurement. Both go with it, also when somebody interrupts it. */
export class Stage {
  readonly folder: string
  readonly #servers: ServerProcess[] = []

  constructor (name: string) {
    this.folder = mkdtempSync(join(tmpdir(), `guestbook-${name}-`))
    process.once('SIGINT', () => { void this.clear().then(() => process.exit(130)) })
  }

  add (...servers: ServerProcess[]): void { this.#servers.push(...servers) }

  async clear (): Promise<void> {
    await Promise.all(
      this.#servers.toReversed().map(async server => {
        await server.stop('SIGKILL')
      })
    )
    rmSync(this.folder, { recursive: true, force: true })
  }
}
