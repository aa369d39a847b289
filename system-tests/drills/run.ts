/** `make drill`: causes every fault of the table, waits for its pages and for their ends. */
import { parseArgs } from 'node:util'
import { alertingFiles, rulesOf } from '../../alert-rules/generator/provisioning.ts'
import { perform, say, type Result } from './drill.ts'
import { drills } from './drills.ts'
import { GRAFANA_HELP } from './grafana.ts'
import { beQuiet } from './quiet.ts'
import { chooseEngine, withStage, type Choice } from './stage.ts'

const HELP = `Usage: make drill [ARGS="OPTIONS"]
  --only RULE      only drills that page this rule; may be repeated
  --engine NAME    grafana or alertmanager; default: grafana where there is one, else the rules are translated for Prometheus
                   and Alertmanager
  --quiet MINUTES  no faults: nobody may be paged while visitors come and services restart; with DRILL_FACTOR=1
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
  const { only, engine = chooseEngine(), quiet, help } = values
  if (help) { console.log(HELP); return }
  if (!['grafana', 'alertmanager'].includes(engine)) {
    throw new Error(`--engine is grafana or alertmanager, not "${engine}".`)
  }
  const unknown = only?.filter(uid => !rules.has(uid)) ?? []
  if (unknown.length > 0) {
    throw new Error(
      `There is no rule ${unknown.join(', ')}. There are ${[...rules.keys()].join(', ')}.`
    )
  }
  if (quiet !== undefined && !(Number(quiet) > 0)) {
    throw new Error(`--quiet takes a number of minutes, not "${quiet}".`)
  }

  await withStage(engine as Choice, async (scene, pagerDuty, addresses) => {
    if (quiet !== undefined) { await beQuiet(Number(quiet), scene.guestbook, pagerDuty); return }
    const results: Result[] = []
    for (const drill of drills) {
      if (!only || drill.pages.some(({ rule }) => only.includes(rule))) {
        results.push(...(await perform(drill, rules, scene, pagerDuty, addresses)))
      }
    }
    if (pagerDuty.refused.length > 0) {
      throw new Error(`PagerDuty refused ${JSON.stringify(pagerDuty.refused[0])}`)
    }
    console.table(results)
    say(`${results.length} pages in time and resolved, by ${scene.engine.name}`)
    const left = [...rules.values()]
      .filter(rule => !scene.engine.evaluates(rule))
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
