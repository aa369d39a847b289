/** `make soak`: injects faults under traffic and checks that no message is lost. */
import { setTimeout as sleep } from 'node:timers/promises'
import { ApiClient } from '../lib/api-client.ts'
import { command, progressOf } from '../lib/command.ts'
import { Database } from '../lib/database.ts'
import { startGuestbook } from '../lib/guestbook.ts'
import { loadAverage, machineFacts } from '../lib/machine.ts'
import { memoryMib, openFiles } from '../lib/processes.ts'
import type { ServerProcess } from '../lib/server-process.ts'
import { TestEnvironment, writeReport } from '../lib/test-environment.ts'
import { AFTERMATH_MS, FAULTS, inject, type Window } from './faults.ts'
import { HELP, parseOptions, USAGE, type Options } from './options.ts'
import { judge, type Sample } from './verdict.ts'
import { startVisitors } from './visitors.ts'

/** The share of the time that is without faults. */
const CALM_SHARE = 1 / 3
const SAMPLE_EVERY_MS = 2000

const say = progressOf('soak')

async function soak ({ minutes, visitors, reports }: Options): Promise<boolean> {
  const environment = new TestEnvironment('soak')
  const { folder } = environment
  try {
    const database = await Database.start(folder)
    environment.add(database.server)
    const guestbook = await startGuestbook(folder, { MONGODB_URI: database.uri('guestbook') })
    environment.add(...guestbook.servers)
    const servers: Record<string, ServerProcess> = {
      mongod: database.server,
      backend: guestbook.backend,
      frontend: guestbook.frontend
    }
    const running = startVisitors(guestbook.urls.page, visitors)

    const begin = performance.now()
    const calmFrom = begin + minutes * 60_000 * (1 - CALM_SHARE)
    const end = begin + minutes * 60_000
    const windows: Window[] = []
    for (let turn = 0; performance.now() + 2 * AFTERMATH_MS < calmFrom; turn++) {
      const fault = FAULTS[turn % FAULTS.length]!
      const window = await inject(fault, servers[fault.name]!, guestbook.urls.page)
      windows.push(window)
      const seconds = ((window.to - AFTERMATH_MS - window.from) / 1000).toFixed(1)
      say(
        `${window.name}, back after ${seconds} s; ${running.acknowledged.size} messages posted, ` +
          `${running.reads} pages read, ${running.failures.length} failures`
      )
      // No request may fail in the time after the window.
      await sleep(window.to - performance.now() + AFTERMATH_MS / 4)
    }

    say('no more faults')
    const samples: Record<'backend' | 'frontend', Sample[]> = { backend: [], frontend: [] }
    // Restarted processes fill their caches first.
    const settled = performance.now() + (end - performance.now()) / 3
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
    await running.stop()

    const { acknowledged, failures, reads } = running
    const verdict = judge({
      acknowledged,
      stored: new Map(
        (await new ApiClient(guestbook.backendUrl).all()).map(({ id, message }) => [id, message])
      ),
      failures,
      windows,
      samples
    })
    const report = {
      date: new Date().toISOString(),
      machine: machineFacts(),
      loadAverage: loadAverage(),
      minutes,
      visitors,
      faults: windows.map(({ name }) => name),
      posted: acknowledged.size,
      read: reads,
      ...verdict
    }
    writeReport(reports, 'soak.json', report)
    say(
      `${acknowledged.size} messages posted, ${reads} pages read; ` +
        `${verdict.lost} lost, ${verdict.unacknowledged} unacknowledged; ` +
        `${verdict.failuresInWindows} failures in the windows of ${windows.length} faults, ` +
        `${verdict.failuresOutside} outside`
    )
    for (const [name, growth] of Object.entries(verdict.services)) {
      const { mibFirst, mibLast, mibPerMinute, filesFirst, filesLast } = growth
      say(
        `${name}: ${mibFirst.toFixed(0)} to ${mibLast.toFixed(0)} MiB ` +
          `(${mibPerMinute.toFixed(2)} MiB a minute), ${filesFirst} to ${filesLast} open files`
      )
    }
    for (const problem of verdict.problems) say(`PROBLEM: ${problem}`)
    return verdict.problems.length === 0
  } finally {
    await environment.close()
  }
}

await command({ parse: parseOptions, usage: USAGE, help: HELP, run: soak })
