/** `make bench`: compares the guestbook with other stacks. */
import { join } from 'node:path'
import { command, progressOf } from '../lib/command.ts'
import { compareWithBaseline } from './baseline.ts'
import { CASES, type CaseId } from './cases.ts'
import { startPeers } from './targets.ts'
import { Database } from '../lib/database.ts'
import { startGuestbook } from '../lib/guestbook.ts'
import { measureDepth } from './depth.ts'
import { measureHalf } from './half.ts'
import { installPeers, installWrk } from './install.ts'
import { loadAverage, machineFacts } from '../lib/machine.ts'
import { expectedSeconds, measureCase, measureRound } from './measure.ts'
import { HELP, parseOptions, USAGE, type Options } from './options.ts'
import { picture } from './picture.ts'
import { memoryMib } from '../lib/processes.ts'
import { markdown, type Report } from './report.ts'
import { TestEnvironment, writeReport } from '../lib/test-environment.ts'

const MESSAGES = 1000
const DATABASES = ['guestbook', 'express', 'flask', 'driver']

const say = progressOf('bench')

async function bench (options: Options): Promise<boolean> {
  const { rounds, seconds, only, messages, baseline, reports } = options
  if (baseline !== undefined) {
    await compareWithBaseline(baseline, options, say)
    return true
  }
  await installWrk()
  await installPeers(say)
  const environment = new TestEnvironment('bench')
  const { folder } = environment
  try {
    const loadBefore = loadAverage()
    const minutes = Math.ceil(expectedSeconds(only, rounds, seconds) / 60)
    say(`starting all targets over one mongod, ${MESSAGES} messages each; ${minutes} min`)
    const database = await Database.start(folder)
    environment.add(database.server)
    const mongod = database.server
    const ids = (
      await Promise.all(DATABASES.map(async name => await database.seed(name, MESSAGES)))
    )[0]!
    const guestbook = await startGuestbook(folder, { MONGODB_URI: database.uri('guestbook') })
    environment.add(...guestbook.servers)
    const peers = await startPeers(folder, database, guestbook)
    environment.add(...Object.values(peers).flatMap(({ servers }) => servers))
    const memory = { frontend: 0, backend: 0 }
    const afterRound = () => {
      for (const name of ['frontend', 'backend'] as const) {
        memory[name] = Math.max(memory[name], memoryMib(guestbook[name].pid).now)
      }
    }

    const cases: Report['cases'] = {}
    const chosen = CASES.filter(({ id }) => !only || only.includes(id))
    const isReading = ({ kind }: { kind: string }) => kind === 'read'
    const effort = { mongod, rounds, seconds }
    const measuring = { targets: { guestbook, ...peers }, ...effort, say, afterRound }
    for (const entry of chosen.filter(isReading)) {
      cases[entry.id] = await measureCase(entry, measuring)
    }

    const half: Report['half'] = {}
    for (const [id, of] of [['page-32', 'page'], ['list-32', 'api']] as const) {
      for (const name of ['guestbook', 'bare'] as const) {
        const saturation = cases[id]?.[name]?.rate
        if (!saturation) continue
        const target = name === 'bare' ? peers.bare : guestbook
        const measured = await measureHalf({ target, of, kind: 'read', saturation, ...effort })
        half[of] = { ...half[of], [name]: measured }
      }
      if (half[of]) {
        const { guestbook, bare } = half[of]
        say(`${of} at half of saturation: p99 ${guestbook?.p99Ms} ms, bare ${bare?.p99Ms} ms`)
      }
    }

    let depth: Report['depth']
    if (messages > 0 && !only) {
      say(`inserting ${messages} messages into another guestbook`)
      const largeIds = await database.seed('large', messages)
      const large = await startGuestbook(folder, { MONGODB_URI: database.uri('large') })
      environment.add(...large.servers)
      await database.flush()
      depth = await measureDepth(
        { small: { guestbook, ids }, large: { guestbook: large, ids: largeIds } },
        mongod,
        rounds,
        seconds,
        say
      )
      await Promise.all(large.servers.map(async server => { await server.stop() }))
    }

    for (const entry of chosen.filter(entry => !isReading(entry))) {
      cases[entry.id as CaseId] = await measureCase(entry, measuring)
    }

    const sqlite = await startGuestbook(folder, { DATA_DIR: join(folder, 'sqlite') })
    environment.add(...sqlite.servers)
    const mixed = { target: sqlite, of: 'page', kind: 'mixed' } as const
    const load = { url: sqlite.urls.page, kind: mixed.kind, connections: 32, seconds }
    const full = await measureRound(sqlite, mongod, load)
    const saturation = full.requests / full.seconds
    half.sqlite = { guestbook: await measureHalf({ ...mixed, saturation, ...effort }) }
    const report: Report = {
      date: new Date().toISOString(),
      machine: machineFacts(),
      load: { before: loadBefore, after: loadAverage() },
      rounds,
      seconds,
      cases,
      half,
      depth,
      services: Object.fromEntries(
        (['frontend', 'backend'] as const).map(name => [
          name,
          {
            readyMs: sqlite.readyMs[name],
            memoryMib: memory[name],
            peakMib: memoryMib(guestbook[name].pid).peak
          }
        ])
      ) as Report['services']
    }
    writeReport(reports, 'bench.json', report)
    writeReport(reports, 'bench.md', markdown(report))
    writeReport(reports, 'bench.svg', picture(report.cases))
    console.log(`\n${markdown(report)}`)
    say(`the reports are in ${reports}`)
    return true
  } finally {
    await environment.close()
  }
}

await command({ parse: parseOptions, usage: USAGE, help: HELP, run: bench })
