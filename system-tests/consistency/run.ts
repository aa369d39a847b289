/** `make consistency`: checks the guarantees during network partitions. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { until } from '../lib/until.ts'
import { TestEnvironment, writeReport } from '../lib/test-environment.ts'
import { command, progressOf } from '../lib/command.ts'
import { countByKind, type Anomaly } from './anomalies.ts'
import { check } from './checker.ts'
import { Recorder, type FinalState, type History } from './history.ts'
import { Network } from './network.ts'
import { HELP, parseOptions, USAGE, type Options } from './options.ts'
import { Platform } from './platform.ts'
import { ReplicaSet } from './replica-set.ts'
import { describe, summarise, tableOf, type Row } from './report.ts'
import type { Scenario } from './scenarios.ts'
import { seededRandom } from './random.ts'
import { RecordedClients } from './recorded-clients.ts'
import { Workload, WORKLOAD } from './workload.ts'

/** The time without faults at the beginning and at the end of a scenario. */
const CALM_MS = 1500
/** Until commands whose bytes were held have been executed. */
const SETTLE_MS = 2000
/** Anomalies of each kind that are printed; the report has all of them. */
const EXAMPLES = 3

const say = progressOf('consistency')

interface Run { scenario: Scenario, round: number, seed: number }

async function consistency (options: Options): Promise<boolean> {
  const { scenarios, rounds, seed, services, reports } = options
  mkdirSync(reports, { recursive: true })
  const environment = new TestEnvironment('consistency')
  const network = new Network()
  let replicaSet: ReplicaSet | undefined
  const rows: Row[] = []
  say(`seed ${seed}; the services are those of ${services}`)
  try {
    replicaSet = await ReplicaSet.start(network, environment)
    for (let round = 1; round <= rounds; round++) {
      for (const scenario of scenarios) {
        const run = { scenario, round, seed: seed + round - 1 }
        const context = { services, reports, network, replicaSet, environment }
        const history = await runScenario(run, context)
        const anomalies = check(history)
        const row = summarise(`${scenario.name} ${round}`, history, anomalies)
        rows.push(row)
        const counts = Object.entries(countByKind(anomalies))
          .map(([kind, count]) => `${count} ${kind}`)
          .join(', ')
        say(`${row.name}: ${row.operations} operations, ${counts || 'no anomalies'}`)
        writeReport(reports, `${fileOf(run)}.anomalies.txt`, anomalies.map(describe).join('\n'))
        for (const anomaly of firstOfEachKind(anomalies)) console.log(describe(anomaly))
      }
    }
    const date = new Date().toISOString()
    writeReport(reports, 'consistency.json', { date, seed, services, rows })
    console.log(tableOf(rows))
    const anomalies = rows.reduce(
      (sum, { anomalies }) => sum + Object.values(anomalies).reduce((sum, count) => sum + count, 0),
      0
    )
    say(
      anomalies === 0
        ? 'no anomalies'
        : `${anomalies} anomalies; the histories are in ${reports}. Repeat them with --seed ${seed}`
    )
    return anomalies === 0
  } finally {
    network.close()
    await replicaSet?.close()
    await environment.close()
  }
}

interface RunContext {
  services: string
  reports: string
  network: Network
  replicaSet: ReplicaSet
  environment: TestEnvironment
}

/** Runs a scenario on services and a database of its own, and resolves to its history. */
async function runScenario (
  run: Run, { services, reports, network, replicaSet, environment }: RunContext
): Promise<History> {
  const { scenario, round, seed } = run
  const random = seededRandom(seed)
  const recorder = new Recorder(join(reports, `${fileOf(run)}.jsonl`))
  const database = `${scenario.name}-${round}`
  const { workload: load, clockSkewMs = {}, clockJumpMs = 0 } = scenario
  const platform = await Platform.start({
    services, network, replicaSet, database, environment, clockSkewMs, clockJumpMs
  })
  const clients = new RecordedClients(recorder)
  const workload = new Workload(platform, clients, random)
  try {
    workload.start({ ...WORKLOAD, ...load })
    await sleep(CALM_MS)
    const primary = await replicaSet.settled()
    const note = (what: string) => {
      recorder.note(what)
      say(`${database}: ${what}`)
    }
    const jump = () => {
      platform.jump()
      recorder.jump(clockJumpMs)
    }
    const secondaries = replicaSet.names.filter(name => name !== primary)
    const parts = { network, replicaSet, platform, workload, clients }
    await scenario.run({ ...parts, random, primary, secondaries, note, jump })
    network.heal()
    await replicaSet.settled()
    note('no more faults')
    await sleep(CALM_MS)
    await workload.stop()
    await sleep(SETTLE_MS)
    return await recorder.end(await finalState(platform, clients, recorder))
  } finally {
    network.heal()
    await clients.close()
    await platform.stop()
  }
}

/** Reads what both backends must agree on, then restores hidden messages to get the full order. */
async function finalState (
  platform: Platform, clients: RecordedClients, recorder: Recorder
): Promise<FinalState> {
  const all = async () =>
    await until(
      'both backends give the same final list',
      async () => {
        const lists = await Promise.all(
          platform.backends.map(
            async backend => await clients.all(backend).catch(() => undefined)
          )
        )
        return lists[0] && JSON.stringify(lists[0]) === JSON.stringify(lists[1])
          ? lists[0]
          : undefined
      },
      30_000
    )
  const visible = await all()
  const api = clients.api(platform.instance('b1'))
  const isVisible = new Set(visible)
  for (const id of recorder.texts.keys()) {
    if (isVisible.has(id)) continue
    const { status, text } = await api.moderate(id, 'restore')
    if (status !== 200 && status !== 404) throw new Error(`restore answered ${status}: ${text}`)
  }
  return { visible, all: await all() }
}

const fileOf = ({ scenario, round, seed }: Run) => `${scenario.name}-${round}-${seed}`

/** Examples of every kind. */
function firstOfEachKind (anomalies: Anomaly[]): Anomaly[] {
  const counts = new Map<string, number>()
  return anomalies.filter(({ kind }) => {
    counts.set(kind, (counts.get(kind) ?? 0) + 1)
    return counts.get(kind)! <= EXAMPLES
  })
}

await command({ parse: parseOptions, usage: USAGE, help: HELP, run: consistency })
