import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect } from '@jest/globals'
import type { MessageStore } from '../src/store/message-store.ts'
import { cleanUp, temporaryFolder, until } from './helper.ts'
import { readAll } from './stored.ts'

const WRITER = fileURLToPath(new URL('fixtures/writer.ts', import.meta.url))

/** A child process that posts continuously. It prints to a file, which survives a kill. */
export function startWriter (env: Record<string, string>) {
  const output = join(temporaryFolder(), 'acknowledged')
  const writer = spawn(process.execPath, [WRITER], {
    env: { LOG_LEVEL: 'fatal', ...env },
    stdio: ['ignore', openSync(output, 'w'), 'inherit']
  })
  cleanUp(async () => { await kill(writer) })
  const acknowledged = () => readFileSync(output, 'utf8').split('\n').slice(0, -1)
  return {
    acknowledged,
    kill: async () => { await kill(writer) },
    untilAcknowledged: async (count: number) => {
      await until(`${count} messages are acknowledged`, () => acknowledged().length >= count)
    }
  }
}

async function kill (child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  child.kill('SIGKILL')
  await once(child, 'exit')
}

/** Expects every acknowledged message exactly once. */
export async function expectComplete (store: MessageStore, acknowledged: string[]): Promise<void> {
  const stored = await readAll(store)
  const ids = new Set(stored.map(({ id }) => id))
  expect(acknowledged.filter(id => !ids.has(id))).toEqual([])
  expect(new Set(stored.map(({ name, message }) => `${name}: ${message}`)).size).toBe(stored.length)
}
