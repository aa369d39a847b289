/** `make soak`: does the guestbook keep its word when everything under it breaks? `make soak ARGS=--help` tells more. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { request } from 'undici'
import { command, progressOf } from '../lib/command.ts'
import { startGuestbook } from '../bench/contestants.ts'
import { Database, MONGOD } from '../bench/database.ts'
import { loadAverage, machineFacts } from '../bench/machine.ts'
import { memoryMib, openFiles } from '../bench/processes.ts'
import type { ServerProcess } from '../lib/server-process.ts'
import { Stage } from '../bench/stage.ts'
import { AFTERMATH_MS, cause, FAULTS, type Window } from './faults.ts'
import { HELP, parseOptions, USAGE, type Options } from './options.ts'
import { judge, type Sample } from './verdict.ts'
import { invite } from './visitors.ts'

/** Of the time; faults come in the rest of it. */
const CALM_SHARE = 1 / 3
const SAMPLE_EVERY_MS = 2000

const say = progressOf('soak')

async function soak ({ minutes, visitors, reports }: Options): Promise<boolean> {
  const stage = new Stage('soak')
  const { folder } = stage
  try {
    const database = await Database.start(folder)
    stage.add(database.server)
    const guestbook = await startGuestbook(folder, { MONGODB_URI: database.uri('guestbook') })
    stage.add(...guestbook.servers)
    const servers: Record<string, ServerProcess> = {
      mongod: database.server,
      backend: guestbook.backend,
      frontend: guestbook.frontend
    }
    const crowd = invite(guestbook.urls.page, visitors)

    const begin = performance.now()
    const calmFrom = begin + minutes * 60_000 * (1 - CALM_SHARE)
    const end = begin + minutes * 60_000
    const windows: Window[] = []
    for (let turn = 0; performance.now() + 2 * AFTERMATH_MS < calmFrom; turn++) {
      const fault = FAULTS[turn % FAULTS.length]!
      const window = await cause(fault, servers[fault.name]!, guestbook.urls.page)
      windows.push(window)
      say(
        `${window.name}, back after ${((window.to - AFTERMATH_MS - window.from) / 1000).toFixed(1)} s; ${crowd.acknowledged.size} messages signed, ${crowd.reads} pages read, ${crowd.failures.length} refusals`
      )
      await sleep(window.to - performance.now() + AFTERMATH_MS / 4) // a while in which nothing may fail
    }

    say('nothing is broken from now on')
    const samples: Record<'backend' | 'frontend', Sample[]> = { backend: [], frontend: [] }
    const settled = performance.now() + (end - performance.now()) / 3 // new processes still fill their caches
    while (performance.now() < end) {
      await sleep(SAMPLE_EVERY_MS)
      if (performance.now() < settled) continue
      for (const name of ['backend', 'frontend'] as const) {
        samples[name].push({
          at: performance.now(),
          mib: memoryMib(servers[name]!.pid).now,
          files: openFiles(servers[name]!.pid)
        })
      }
    }
    await crowd.leave()

    const { acknowledged, failures, reads } = crowd
    const verdict = judge({
      acknowledged,
      stored: await everything(guestbook.urls.api),
      failures,
      windows,
      samples
    })
    const report = {
      date: new Date().toISOString(),
      machine: machineFacts(MONGOD),
      loadAverage: loadAverage(),
      minutes,
      visitors,
      faults: windows.map(({ name }) => name),
      signed: acknowledged.size,
      read: reads,
      ...verdict
    }
    mkdirSync(reports, { recursive: true })
    writeFileSync(join(reports, 'soak.json'), `${JSON.stringify(report, null, 2)}\n`)
    say(
      `${acknowledged.size} messages signed, ${reads} pages read; ${verdict.lost} lost, ${verdict.unasked} nobody was told of; ${verdict.failuresInWindows} refusals in the windows of ${windows.length} faults, ${verdict.failuresOutside} outside`
    )
    for (const [
      name,
      { mibFirst, mibLast, mibPerMinute, filesFirst, filesLast }
    ] of Object.entries(verdict.services)) {
      say(
        `${name}: ${mibFirst.toFixed(0)} to ${mibLast.toFixed(0)} MiB (${mibPerMinute.toFixed(2)} MiB a minute), ${filesFirst} to ${filesLast} open files`
      )
    }
    for (const problem of verdict.problems) say(`PROBLEM: ${problem}`)
    return verdict.problems.length === 0
  } finally {
    await stage.clear()
  }
}

/** Every message, page by page: text by id. */
async function everything (api: string): Promise<Map<string, string>> {
  const stored = new Map<string, string>()
  for (let cursor: string | null = ''; cursor !== null;) {
    const { statusCode, body } = await request(`${api}?limit=100${cursor && `&cursor=${cursor}`}`)
    if (statusCode !== 200) throw new Error(`The API answered ${statusCode}: ${await body.text()}`)
    const page = (await body.json()) as {
      messages: Array<{ id: string; message: string }>
      nextCursor: string | null
    }
    for (const { id, message } of page.messages) stored.set(id, message)
    cursor = page.nextCursor
  }
  return stored
}

await command({
  parse: () => parseOptions(process.argv.slice(2)),
  usage: USAGE,
  help: HELP,
  run: async options => ((await soak(options)) ? 0 : 1)
})
