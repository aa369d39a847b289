/** `make abuse`: attacks the services and checks that others are served. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { command, progressOf } from '../lib/command.ts'
import { Database } from '../lib/database.ts'
import { startGuestbook, type Guestbook } from '../lib/guestbook.ts'
import { loadAverage, machineFacts } from '../lib/machine.ts'
import { memoryMib, openFiles } from '../lib/processes.ts'
import { percentile } from '../lib/statistics.ts'
import { TestEnvironment, writeReport } from '../lib/test-environment.ts'
import { CanaryClient } from './canary-client.ts'
import type { Case } from './cases.ts'
import type { Ended } from './connection.ts'
import { HELP, parseOptions, USAGE, type Options } from './options.ts'
import type { Target } from './target.ts'
import { judge, type Resources, type Verdict } from './verdict.ts'

const BASELINE_MS = 15_000
const RECOVERY_TIMEOUT_MS = 5000
const SAMPLE_INTERVAL_MS = 200
/** Shorter attacks are repeated. */
const MIN_ATTACK_MS = 5000

const say = progressOf('abuse')

interface Result extends Verdict {
  attack: string
  target: string
  before: Resources
  after: Resources
  peakMib: number
  recoveredMs: number | undefined
}

async function abuse ({ size, cases, reports }: Options): Promise<boolean> {
  const environment = new TestEnvironment('abuse')
  const { folder } = environment
  let canary: CanaryClient | undefined
  try {
    const database = await Database.start(folder)
    environment.add(database.server)
    const guestbook = await startGuestbook(folder, { MONGODB_URI: database.uri('guestbook') })
    environment.add(...guestbook.servers)
    canary = new CanaryClient(guestbook.urls.page)
    await sleep(BASELINE_MS / 3) // compiles code and fills caches
    await canary.report()
    await sleep(BASELINE_MS)
    const baselineMs = percentile((await canary.report()).map(({ ms }) => ms), 99)
    say(`without an attack the canary client's p99 is ${baselineMs.toFixed(1)} ms`)

    const results: Result[] = []
    const context = { size, folder, guestbook, canary, baselineMs }
    for (const entry of cases) {
      for (const target of targetsOf(guestbook)) {
        const result = await attack(entry, target, context)
        results.push(result)
        say(row(result))
        for (const problem of result.problems) {
          say(`PROBLEM: ${entry.name}, ${target.name}: ${problem}`)
        }
      }
    }
    writeReport(reports, 'abuse.json', {
      date: new Date().toISOString(),
      machine: machineFacts(),
      loadAverage: loadAverage(),
      size,
      baselineP99Ms: baselineMs,
      results
    })
    console.log(`\n${[HEAD, ...results.map(row)].join('\n')}`)
    return results.every(({ problems }) => problems.length === 0)
  } finally {
    await canary?.stop()
    await environment.close()
  }
}

interface Context {
  size: number
  folder: string
  guestbook: Guestbook
  canary: CanaryClient
  baselineMs: number
}

async function attack (
  entry: Case,
  target: Target,
  { size, folder, guestbook, canary, baselineMs }: Context
): Promise<Result> {
  const server = guestbook[target.name]
  const { pid } = server
  const resources = (): Resources => ({ mib: memoryMib(pid).now, files: openFiles(pid) })
  const before = resources()
  let peakMib = memoryMib(pid).own
  const timer = setInterval(() => {
    if (server.isRunning) peakMib = Math.max(peakMib, memoryMib(pid).own)
  }, SAMPLE_INTERVAL_MS)
  await canary.report()
  const problems: string[] = []
  const ended: Ended[] = []
  const end = performance.now() + MIN_ATTACK_MS
  try {
    do ended.push(...(await entry.attack(target, size)))
    while (performance.now() < end)
  } catch (error) {
    problems.push((error as Error).message)
  }
  clearInterval(timer)
  if (!server.isRunning) {
    const log = readFileSync(join(folder, `${target.name}.log`), 'utf8').slice(-2000)
    throw new Error(`${entry.name}: the ${target.name} has ended. The end of its log:\n${log}`)
  }
  const observations = await canary.report()
  const recoveredMs = await recovery(canary, () => openFiles(pid) <= before.files + 200)
  const after = resources()
  const verdict = judge(
    entry,
    entry.mustShed?.(target) ?? false,
    { ended, canary: observations, before, after, peakMib, recoveredMs },
    baselineMs
  )
  verdict.problems.push(...problems)
  const { name } = entry
  return { attack: name, target: target.name, ...verdict, before, after, peakMib, recoveredMs }
}

/** Milliseconds until the canary client is served and `isBack`; undefined after the timeout. */
async function recovery (canary: CanaryClient, isBack: () => boolean): Promise<number | undefined> {
  const since = performance.now()
  while (performance.now() - since < RECOVERY_TIMEOUT_MS) {
    await sleep(50)
    const last = (await canary.report()).at(-1)
    if (last && !last.isShed && last.problem === undefined && isBack()) {
      return performance.now() - since
    }
  }
}

function targetsOf ({ urls, frontend, backend }: Guestbook): Target[] {
  return [
    {
      name: 'frontend',
      url: urls.page,
      path: '/',
      type: 'application/x-www-form-urlencoded',
      body: text => `name=Attacker&message=${text.replace(/[%&+]/g, encodeURIComponent)}`,
      openFiles: () => openFiles(frontend.pid)
    },
    {
      name: 'backend',
      url: urls.api,
      path: new URL(urls.api).pathname,
      type: 'application/json',
      body: text => JSON.stringify({ name: 'Attacker', message: text }),
      openFiles: () => openFiles(backend.pid)
    }
  ]
}

const COLUMNS = [
  'attack',
  'on',
  'outcomes',
  'canary requests',
  'shed',
  'p99 ms',
  'times the baseline',
  'own memory at most, MiB',
  'files before, after',
  'recovered after'
]
const HEAD = `| ${COLUMNS.join(' | ')} |\n|---|---|---|${'--:|'.repeat(COLUMNS.length - 3)}`

function row (result: Result): string {
  const { attack, target, outcomes, canary, peakMib, before, after, recoveredMs } = result
  const cells = [
    attack,
    target,
    Object.entries(outcomes).map(([outcome, count]) => `${outcome}: ${count}`).join(', '),
    canary.requests,
    canary.shed,
    canary.p99Ms.toFixed(1),
    canary.slower.toFixed(1),
    peakMib.toFixed(0),
    `${before.files}, ${after.files}`,
    recoveredMs === undefined ? 'never' : `${(recoveredMs / 1000).toFixed(1)} s`
  ]
  return `| ${cells.join(' | ')} |`
}

await command({ parse: parseOptions, usage: USAGE, help: HELP, run: abuse })
