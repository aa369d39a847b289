/**
 * `make consistency`: do the services keep their promises in a partition? `make consistency
 * ARGS=--help` tells more.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { until } from '../lib/until.ts'
import { Stage } from '../bench/stage.ts'
import { command, progressOf } from '../lib/command.ts'
import { check, countByKind, type Anomaly } from './checker.ts'
import { Recorder, type FinalState, type History } from './history.ts'
import { Network } from './network.ts'
import { HELP, parseOptions, USAGE, type Options } from './options.ts'
import { Platform } from './platform.ts'
import { ReplicaSet } from './replica-set.ts'
import { describe, summarise, tableOf, type Row } from './report.ts'
import type { Scenario } from './scenarios.ts'
import { seededRandom, Workload, WORKLOAD } from './workload.ts'

/** Clients work so long before something breaks, and so long after it is healed. */
const CALM_MS = 1500
/** Bytes that were held have arrived by then, and what they asked for is done. */
const SETTLE_MS = 2000
/** Anomalies that are told one by one; the history has all of them. */
const EXAMPLES = 3

const say = progressOf('consistency')

interface Run {
  scenario: Scenario
  round: number
  seed: number
}

async function consistency ({
  scenarios,
  rounds,
  seed,
  services,
  reports
}: Options): Promise<boolean> {
  mkdirSync(reports, { recursive: true })
  const stage = new Stage('consistency')
  const network = new Network()
  let replicaSet: ReplicaSet | undefined
  const rows: Row[] = []
  say(`seed ${seed}; the services are those of ${services}`)
  try {
    replicaSet = await ReplicaSet.start(stage.folder, network, stage)
    for (let round = 1; round <= rounds; round++) {
      for (const scenario of scenarios) {
        const run = { scenario, round, seed: seed + round - 1 }
        const history = await runScenario(run, {
          services,
          reports,
          folder: stage.folder,
          network,
          replicaSet,
          stage
        })
        const anomalies = check(history)
        const row = summarise(`${scenario.name} ${round}`, history, anomalies)
        rows.push(row)
        const counts = Object.entries(countByKind(anomalies))
          .map(([kind, count]) => `${count} ${kind}`)
          .join(', ')
        say(`${row.name}: ${row.operations} operations, ${counts || 'no anomalies'}`)
        writeFileSync(
          join(reports, `${fileOf(run)}.anomalies.txt`),
          anomalies.map(describe).join('\n')
        )
        for (const anomaly of firstOfEachKind(anomalies)) console.log(describe(anomaly))
      }
    }
    const report = { date: new Date().toISOString(), seed, services, rows }
    writeFileSync(join(reports, 'consistency.json'), `${JSON.stringify(report, null, 2)}\n`)
    console.log(tableOf(rows))
    const anomalies = rows.reduce(
      (sum, { anomalies }) =>
        sum + Object.values(anomalies).reduce((sum, count) => sum + count, 0),
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
    await stage.clear()
  }
}

interface Setting {
  services: string
  reports: string
  folder: string
  network: Network
  replicaSet: ReplicaSet
  stage: Stage
}

/** Runs a scenario on services and a database of its own, and resolves to what happened. */
async function runScenario (
  run: Run,
  { services, reports, folder, network, replicaSet, stage }: Setting
): Promise<History> {
  const { scenario, round, seed } = run
  const random = seededRandom(seed)
  const recorder = new Recorder(join(reports, `${fileOf(run)}.jsonl`))
  const database = `${scenario.name}-${round}`
  const platform = await Platform.start({
    services,
    folder,
    network,
    replicaSet,
    database,
    ...scenario,
    stage
  })
  const workload = new Workload(platform, recorder, random)
  try {
    workload.start({ ...WORKLOAD, ...scenario.workload })
    await sleep(CALM_MS)
    const primary = await replicaSet.settled()
    const note = (what: string) => {
      recorder.note(what)
      say(`${database}: ${what}`)
    }
    const jump = () => {
      platform.jump()
      recorder.jump(scenario.clockJumpMs!)
    }
    const secondaries = replicaSet.names.filter(name => name !== primary)
    await scenario.run({
      network,
      replicaSet,
      platform,
      workload,
      random,
      primary,
      secondaries,
      note,
      jump
    })
    network.heal()
    await replicaSet.settled()
    note('everything is healed')
    await sleep(CALM_MS)
    await workload.stop()
    await sleep(SETTLE_MS)
    return await recorder.end(await finalState(platform, workload, recorder))
  } finally {
    network.heal()
    await workload.close()
    await platform.stop()
  }
}

/**
 * Reads what both backends must agree on, then shows what is hidden, so that everything has its
 * place in the order.
 */
async function finalState (
  platform: Platform,
  workload: Workload,
  recorder: Recorder
): Promise<FinalState> {
  const [first, second] = platform.backends as [Platform['backends'][0], Platform['backends'][0]]
  const everything = async () =>
    await until(
      'both backends give the same final list',
      async () => {
        const lists = await Promise.all(
          [first, second].map(
            async backend => await workload.everything(backend).catch(() => undefined)
          )
        )
        return lists[0] && JSON.stringify(lists[0]) === JSON.stringify(lists[1])
          ? lists[0]
          : undefined
      },
      30_000
    )
  const visible = await everything()
  const isVisible = new Set(visible)
  for (const id of recorder.texts.keys()) {
    if (!isVisible.has(id)) await workload.restoreAtEnd(first, id)
  }
  return { visible, all: await everything() }
}

const fileOf = ({ scenario, round, seed }: Run) => `${scenario.name}-${round}-${seed}`

/** Some examples of every kind. */
function firstOfEachKind (anomalies: Anomaly[]): Anomaly[] {
  const told = new Map<string, number>()
  return anomalies.filter(({ kind }) => {
    told.set(kind, (told.get(kind) ?? 0) + 1)
    return told.get(kind)! <= EXAMPLES
  })
}

await command({
  parse: () => parseOptions(process.argv.slice(2)),
  usage: USAGE,
  help: HELP,
  run: async options => ((await consistency(options)) ? 0 : 1)
})
