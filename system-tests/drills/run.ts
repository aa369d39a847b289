/** `make drill`: injects every fault of drills.ts, and expects its pages to arrive and resolve. */
import { parseArgs } from 'node:util'
import { alertingFiles, rulesOf } from '../../alert-rules/generator/provisioning.ts'
import { perform, say, type Result } from './drill.ts'
import { drills } from './drills.ts'
import { GRAFANA_HELP } from './grafana.ts'
import { assertNoPages } from './assert-no-pages.ts'
import { defaultEngine, ENGINES, withEnvironment } from './environment.ts'

const HELP = `Usage: make drill [ARGS="OPTIONS"]
  --only RULE      only drills that page this rule; may be repeated
  --engine NAME    grafana, or alertmanager with the rules translated for Prometheus
                   (default: grafana where it is installed)
  --quiet MINUTES  no faults: no page may arrive under traffic while services restart;
                   with DRILL_FACTOR=1
Environment:
  DRILL_FACTOR     how many times faster than in production (default: 120)
${GRAFANA_HELP}`

const rules = new Map(rulesOf(alertingFiles()).map(rule => [rule.uid, rule]))

async function main (): Promise<void> {
  const { values } = parseArgs({
    options: {
      only: { type: 'string', multiple: true },
      engine: { type: 'string' },
      quiet: { type: 'string' },
      help: { type: 'boolean' }
    }
  })
  const { only, engine = defaultEngine(), quiet, help } = values
  if (help) { console.log(HELP); return }
  const engineName = ENGINES.find(name => name === engine)
  if (!engineName) throw new Error(`--engine is grafana or alertmanager, not "${engine}".`)
  const unknown = only?.filter(uid => !rules.has(uid)) ?? []
  if (unknown.length > 0) {
    throw new Error(
      `There is no rule ${unknown.join(', ')}. There are ${[...rules.keys()].join(', ')}.`
    )
  }
  if (quiet !== undefined && !(Number(quiet) > 0)) {
    throw new Error(`--quiet takes a number of minutes, not "${quiet}".`)
  }

  await withEnvironment(engineName, async (environment, pagerDuty, addresses) => {
    if (quiet !== undefined) {
      await assertNoPages(Number(quiet), environment.guestbook, pagerDuty)
      return
    }
    const results: Result[] = []
    for (const drill of drills) {
      if (!only || drill.pages.some(({ rule }) => only.includes(rule))) {
        results.push(...(await perform(drill, rules, environment, pagerDuty, addresses)))
      }
    }
    if (pagerDuty.rejected.length > 0) {
      throw new Error(`PagerDuty rejected ${JSON.stringify(pagerDuty.rejected[0])}`)
    }
    console.table(results)
    say(`${results.length} pages arrived in time and resolved, by ${environment.engine.name}`)
    const left = [...rules.values()]
      .filter(rule => !environment.engine.evaluates(rule))
      .map(({ uid }) => uid)
    if (left.length > 0) {
      say(`not drilled, because only Grafana can evaluate it: ${left.join(', ')}`)
    }
  })
}

await main().catch((error: Error) => {
  console.error(error.message)
  process.exitCode = 1
})
