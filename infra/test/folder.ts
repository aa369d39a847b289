import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Calls `use` with a temporary folder. */
export function inFolder<T> (use: (folder: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), 'guestbook-infra-'))
  try {
    return use(folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
