import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { CASES } from './cases.ts'
import { startGuestbook } from './contestants.ts'
import { Database } from './database.ts'
import { installWrk } from './install.ts'
import { measureCase } from './measure.ts'
import type { Options } from './options.ts'
import { Stage } from './stage.ts'
import type { CaseResults } from './summary.ts'

const MESSAGES = 1000

/**
 * This checkout and another one in turns, over databases of one mongod: what a change costs or saves,
 * as ratios of one run. Writes baseline.json. @throws Error when the folder is no such checkout
 */
export async function compareWithBaseline (
  folder: string,
  { rounds, seconds, only, reports }: Options,
  say: (line: string) => void
): Promise<number> {
  const root = `${resolve(folder)}/`
  if (!existsSync(`${root}services/frontend/src/server.ts`)) {
    throw new Error(`--baseline ${folder} is no checkout of the guestbook`)
  }
  installWrk()
  const stage = new Stage('baseline')
  try {
    const database = await Database.start(stage.folder)
    stage.add(database.server)
    const start = async (name: 'guestbook' | 'baseline', root?: string) => {
      await database.seed(name, MESSAGES)
      mkdirSync(join(stage.folder, `${name}-services`))
      const contestant = await startGuestbook(
        join(stage.folder, `${name}-services`),
        { MONGODB_URI: database.uri(name) },
        root
      )
      stage.add(...contestant.servers)
      return contestant
    }
    const contestants = {
      guestbook: await start('guestbook'),
      baseline: await start('baseline', root)
    }
    const cases: Record<string, CaseResults> = {}
    for (const { contestants: _, ...entry } of CASES.filter(
      ({ id }) => !only || only.includes(id)
    )) {
      cases[entry.id] = await measureCase(
        { ...entry, contestants: ['guestbook', 'baseline'] },
        { contestants, mongod: database.server, rounds, seconds, say, afterRound: () => {} }
      )
    }
    mkdirSync(reports, { recursive: true })
    writeFileSync(
      join(reports, 'baseline.json'),
      `${JSON.stringify({ rounds, seconds, cases }, null, 2)}\n`
    )
    console.log(`\n${table(cases)}`)
    return 0
  } finally {
    await stage.clear()
  }
}

function table (cases: Record<string, CaseResults>): string {
  const rows = Object.entries(cases).map(
    ([id, { guestbook, baseline }]) =>
      `| ${id} | ${Math.round(guestbook!.rate)} | ${Math.round(baseline!.rate)} | ${(guestbook!.rate / baseline!.rate).toFixed(2)} ` +
      `| ${(guestbook!.p99Ms / baseline!.p99Ms).toFixed(2)} | ${guestbook!.errors} |`
  )
  return [
    '| case | requests/s | baseline | ratio | p99 ratio | errors |',
    '|---|---|---|---|---|---|',
    ...rows
  ].join('\n')
}
