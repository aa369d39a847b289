import { existsSync, mkdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { Database } from '../lib/database.ts'
import { startGuestbook } from '../lib/guestbook.ts'
import { TestEnvironment, writeReport } from '../lib/test-environment.ts'
import { CASES } from './cases.ts'
import { installWrk } from './install.ts'
import { measureCase } from './measure.ts'
import type { Options } from './options.ts'
import type { CaseResults } from './summary.ts'

const MESSAGES = 1000

/**
 * Measures this checkout and another one in turn, over databases of one mongod, and compares them.
 * Writes baseline.json.
 * @throws Error when the folder is no checkout
 */
export async function compareWithBaseline (
  folder: string,
  { rounds, seconds, only, reports }: Options,
  say: (line: string) => void
): Promise<void> {
  const root = `${resolve(folder)}/`
  if (!existsSync(`${root}services/frontend/src/server.ts`)) {
    throw new Error(`--baseline ${folder} is no checkout of the guestbook`)
  }
  await installWrk()
  const environment = new TestEnvironment('baseline')
  try {
    const database = await Database.start(environment.folder)
    environment.add(database.server)
    const start = async (name: 'guestbook' | 'baseline', root?: string) => {
      await database.seed(name, MESSAGES)
      const folder = join(environment.folder, `${name}-services`)
      mkdirSync(folder)
      const guestbook = await startGuestbook(folder, { MONGODB_URI: database.uri(name) }, root)
      environment.add(...guestbook.servers)
      return guestbook
    }
    const targets = {
      guestbook: await start('guestbook'),
      baseline: await start('baseline', root)
    }
    const cases: Record<string, CaseResults> = {}
    for (const entry of CASES.filter(({ id }) => !only || only.includes(id))) {
      cases[entry.id] = await measureCase(
        { ...entry, targets: ['guestbook', 'baseline'] },
        { targets, mongod: database.server, rounds, seconds, say, afterRound: () => {} }
      )
    }
    writeReport(reports, 'baseline.json', { rounds, seconds, cases })
    console.log(`\n${table(cases)}`)
  } finally {
    await environment.close()
  }
}

function table (cases: Record<string, CaseResults>): string {
  const rows = Object.entries(cases).map(([id, { guestbook, baseline }]) => {
    const cells = [
      id,
      Math.round(guestbook!.rate),
      Math.round(baseline!.rate),
      (guestbook!.rate / baseline!.rate).toFixed(2),
      (guestbook!.p99Ms / baseline!.p99Ms).toFixed(2),
      guestbook!.errors
    ]
    return `| ${cells.join(' | ')} |`
  })
  return [
    '| case | requests/s | baseline | ratio | p99 ratio | errors |',
    '|---|---|---|---|---|---|',
    ...rows
  ].join('\n')
}
