/** `make abuse`: do the services keep serving others whatever a client does? `make abuse ARGS=--help` tells more. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { command, progressOf } from '../lib/command.ts'
import { startGuestbook, type GuestbookContestant } from '../bench/contestants.ts'
import { Database, MONGOD } from '../bench/database.ts'
import { loadAverage, machineFacts } from '../bench/machine.ts'
import { memoryMib, openFiles } from '../bench/processes.ts'
import { Stage } from '../bench/stage.ts'
import type { Case } from './cases.ts'
import type { Ended } from './connection.ts'
import { HELP, parseOptions, USAGE, type Options } from './options.ts'
import type { Target } from './target.ts'
import { judge, percentile, type Resources, type Verdict } from './verdict.ts'
import { Witness } from './witness.ts'

const QUIET_MS = 15_000
/** In good time is within this. */
const RECOVERY_MS = 5000
const SAMPLE_EVERY_MS = 200
/** Short attacks are repeated. */
const AT_LEAST_MS = 5000

const say = progressOf('abuse')

async function abuse ({ size, cases, reports }: Options): Promise<boolean> {
  const stage = new Stage('abuse')
  const { folder } = stage
  let witness: Witness | undefined
  try {
    const database = await Database.start(folder)
    stage.add(database.server)
    const guestbook = await startGuestbook(folder, { MONGODB_URI: database.uri('guestbook') })
    stage.add(...guestbook.servers)
    witness = new Witness(guestbook.urls.page)
    await sleep(QUIET_MS / 3) // compiled code and caches
    await witness.report()
    await sleep(QUIET_MS)
    const quietMs = percentile((await witness.report()).map(({ ms }) => ms), 0.99)
    say(`quiet: the witness's p99 is ${quietMs.toFixed(1)} ms`)

    const results: Array<
      { attack: string; target: string } & Verdict & {
        before: Resources
        after: Resources
        peakMib: number
        recoveredMs: number | undefined
      }
    > = []
    for (const entry of cases) {
      for (const target of targetsOf(guestbook)) {
        const { verdict, ...observed } = await attack(entry, target, {
          size,
          folder,
          guestbook,
          witness,
          quietMs
        })
        results.push({ attack: entry.name, target: target.name, ...verdict, ...observed })
        say(row(results.at(-1)!))
        for (const problem of verdict.problems) {
          say(`PROBLEM: ${entry.name}, ${target.name}: ${problem}`)
        }
      }
    }
    mkdirSync(reports, { recursive: true })
    writeFileSync(
      join(reports, 'abuse.json'),
      `${JSON.stringify({ date: new Date().toISOString(), machine: machineFacts(MONGOD), loadAverage: loadAverage(), size, quietP99Ms: quietMs, results }, null, 2)}\n`
    )
    console.log(`\n${[HEAD, ...results.map(row)].join('\n')}`)
    return results.every(({ problems }) => problems.length === 0)
  } finally {
    await witness?.leave()
    await stage.clear()
  }
}

interface Scene {
  size: number
  folder: string
  guestbook: GuestbookContestant
  witness: Witness
  quietMs: number
}

async function attack (
  entry: Case,
  target: Target,
  { size, folder, guestbook, witness, quietMs }: Scene
) {
  const { pid } = guestbook[target.name]
  const resources = (): Resources => ({ mib: memoryMib(pid).now, files: openFiles(pid) })
  const before = resources()
  let peakMib = ownMib(pid)
  const timer = setInterval(() => {
    peakMib = Math.max(peakMib, ownMib(pid))
  }, SAMPLE_EVERY_MS)
  await witness.report()
  const problems: string[] = []
  const ended: Ended[] = []
  const until = performance.now() + AT_LEAST_MS
  try {
    do ended.push(...(await entry.attack(target, size)))
    while (performance.now() < until)
  } catch (error) {
    problems.push((error as Error).message)
  }
  clearInterval(timer)
  if (!guestbook[target.name].isRunning) {
    throw new Error(
      `${entry.name}: the ${target.name} has ended. The end of its log:\n${readFileSync(join(folder, `${target.name}.log`), 'utf8').slice(-2000)}`
    )
  }
  const observed = await witness.report()
  const recoveredMs = await recovery(witness, () => openFiles(pid) <= before.files + 200)
  const all = { ended, witness: observed, before, after: resources(), peakMib, recoveredMs }
  const verdict = judge(entry, entry.mustShed?.(target) ?? false, all, quietMs)
  verdict.problems.push(...problems)
  return { verdict, before, after: all.after, peakMib, recoveredMs }
}

/** Until the witness is served and `isBack`. */
async function recovery (witness: Witness, isBack: () => boolean): Promise<number | undefined> {
  const since = performance.now()
  while (performance.now() - since < RECOVERY_MS) {
    await sleep(50)
    const last = (await witness.report()).at(-1)
    if (last && !last.isTurnedAway && last.problem === undefined && isBack()) {
      return performance.now() - since
    }
  }
}

/** Without the pages of files, such as the node binary, that processes share; 0 of a process that has ended. */
function ownMib (pid: number): number {
  try {
    return (
      Number(
        /^RssAnon:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0
      ) / 1024
    )
  } catch {
    return 0
  }
}

function targetsOf ({ urls, frontend, backend }: GuestbookContestant): Target[] {
  return [
    {
      name: 'frontend',
      url: urls.page,
      path: '/',
      type: 'application/x-www-form-urlencoded',
      body: text => `name=Crowd&message=${text.replace(/[%&+]/g, encodeURIComponent)}`,
      openFiles: () => openFiles(frontend.pid)
    },
    {
      name: 'backend',
      url: urls.api,
      path: new URL(urls.api).pathname,
      type: 'application/json',
      body: text => JSON.stringify({ name: 'Crowd', message: text }),
      openFiles: () => openFiles(backend.pid)
    }
  ]
}

const HEAD = `| attack | on | ended | witness: requests | turned away | p99 ms | times quiet | own memory at most, MiB | files before, after | back after |
|---|---|---|--:|--:|--:|--:|--:|--:|--:|`

function row ({
  attack,
  target,
  outcomes,
  witness: { requests, turnedAway, p99Ms, slower },
  peakMib,
  before,
  after,
  recoveredMs
}: {
  attack: string
  target: string
  before: Resources
  after: Resources
  peakMib: number
  recoveredMs: number | undefined
} & Verdict): string {
  const ended = Object.entries(outcomes)
    .map(([outcome, count]) => `${outcome}: ${count}`)
    .join(', ')
  return `| ${[attack, target, ended, requests, turnedAway, p99Ms.toFixed(1), slower.toFixed(1), peakMib.toFixed(0), `${before.files}, ${after.files}`, recoveredMs === undefined ? 'not' : `${(recoveredMs / 1000).toFixed(1)} s`].join(' | ')} |`
}

await command({
  parse: () => parseOptions(process.argv.slice(2)),
  usage: USAGE,
  help: HELP,
  run: async options => ((await abuse(options)) ? 0 : 1)
})
