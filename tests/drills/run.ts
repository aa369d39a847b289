/** `make drill`: causes every fault of the table and waits for its page and for its end. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execFileSync } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { seconds } from '../../scripts/alerts/duration.ts'
import { alertingFiles, rulesOf, type Rule } from '../alerts/rules.ts'
import { prepareAlertmanager } from './alertmanager.ts'
import { drills, type Drill } from './drills.ts'
import type { Addresses, Engine } from './engine.ts'
import { startGrafana } from './grafana.ts'
import { Guestbook } from './guestbook.ts'
import { PagerDuty, type PagerDutyEvent } from './pagerduty.ts'
import { FACTOR } from './scale.ts'

const RUNBOOKS = 'https://runbooks.example/guestbook'
const GRAFANA_URL = 'https://grafana.example'
const HELP = `Usage: make drill [ARGS="--only RULE --engine grafana|alertmanager --keep"]
  --only RULE    drills that page this rule alone; may be repeated
  --engine NAME  grafana (a server on the PATH, or GRAFANA and GRAFANA_HOME) or alertmanager; default: grafana where there is one
  --keep         keep the logs of all processes; they are kept in any case when a drill fails`

interface Result { rule: string, fault: string, severity: string, promised: string, triggered: number, resolved: number }

const rules = new Map(rulesOf(alertingFiles()).map(rule => [rule.uid, rule]))
const say = (text: string) => { console.log(`${new Date().toISOString().slice(11, 19)} ${text}`) }

/** What a page must tell whoever is woken by it. */
function check ({ uid, title, labels, annotations, dashboardUid, panelId }: Rule, event: PagerDutyEvent): void {
  const { payload, client_url: clientUrl, dedup_key: dedupKey } = event
  const details = JSON.stringify(payload?.custom_details)
  const wrong = Object.entries({
    severity: payload?.severity === labels.severity,
    title: payload?.class === title,
    summary: payload?.summary !== '' && !payload!.summary.includes('{{'),
    'dedup key': Boolean(dedupKey),
    'runbook link': clientUrl === `${RUNBOOKS}/${annotations.runbook}`,
    impact: details.includes(annotations.impact!.slice(0, 30)),
    'dashboard link': new RegExp(`${GRAFANA_URL}/d/${dashboardUid}\\?[^"]*viewPanel=${panelId}`).test(details)
  }).filter(([, holds]) => !holds).map(([what]) => what)
  if (wrong.length > 0) throw new Error(`The page of ${uid} has a wrong ${wrong.join(', ')}:\n${JSON.stringify(event, null, 2)}`)
}

async function run (drill: Drill, guestbook: Guestbook, pagerDuty: PagerDuty, engine: Engine): Promise<Result[]> {
  const pages = drill.pages.filter(({ rule }) => engine.evaluates(rules.get(rule)!))
  const limit = (duration: string) => seconds(duration) / FACTOR * 1000 + engine.slackSeconds * 1000
  say(`${drill.fault}: expecting ${pages.map(({ rule }) => rule).join(', ')}`)
  const began = Date.now()
  await drill.begin(guestbook)
  const triggers = await Promise.all(pages.map(async ({ rule: uid, service, slo, within }) => {
    const rule = rules.get(uid)!
    const isPage = ({ event_action: action, payload }: PagerDutyEvent) =>
      action === 'trigger' && payload?.class === rule.title && (service ?? rule.labels.service ?? payload.component) === payload.component && (!slo || payload.summary.includes(slo))
    const { event, at } = await pagerDuty.event(uid, isPage, began, limit(within))
    check(rule, event)
    say(`  paged: ${event.payload!.summary} (${rule.labels.severity}, after ${(at - began) / 1000} s)`)
    return { rule, dedupKey: event.dedup_key, at }
  }))
  const ended = Date.now()
  await drill.end(guestbook)
  return await Promise.all(triggers.map(async ({ rule, dedupKey, at }, index) => {
    const { within, resolvedWithin } = pages[index]!
    const resolve = await pagerDuty.event(`the end of ${rule.uid}`, event => event.event_action === 'resolve' && event.dedup_key === dedupKey, ended, limit(resolvedWithin))
    say(`  resolved: ${rule.uid} (after ${(resolve.at - ended) / 1000} s)`)
    return { rule: rule.uid, fault: drill.fault, severity: rule.labels.severity!, promised: within, triggered: (at - began) / 1000, resolved: (resolve.at - ended) / 1000 }
  }))
}

function hasGrafana (): boolean {
  try {
    execFileSync(process.env.GRAFANA ?? 'grafana', ['--version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

async function main (): Promise<void> {
  const { values: { only, engine: choice, keep, help } } = parseArgs({ options: { only: { type: 'string', multiple: true }, engine: { type: 'string' }, keep: { type: 'boolean' }, help: { type: 'boolean' } } })
  if (help) { console.log(HELP); return }
  const drilled = new Set(drills.flatMap(({ pages }) => pages.map(({ rule }) => rule)))
  const missing = [...rules.keys()].filter(uid => !drilled.has(uid))
  if (missing.length > 0) throw new Error(`No drill for ${missing.join(', ')}: add one to tests/drills/drills.ts.`)

  const folder = mkdtempSync(join(tmpdir(), 'guestbook-drill-'))
  const pagerDuty = new PagerDuty()
  const addresses: Addresses = { integrationKey: '0123456789abcdef0123456789abcdef', pagerDuty: await pagerDuty.listen(), ...await pagerDuty.listenAsPagerDuty(folder), heartbeat: 'http://127.0.0.1:9/', runbooks: RUNBOOKS, grafana: GRAFANA_URL }
  const useGrafana = choice ? choice === 'grafana' : hasGrafana()
  const translated = useGrafana ? undefined : await prepareAlertmanager(folder, addresses)
  const guestbook = await Guestbook.create(folder, translated?.prometheusConfig)
  let engine: Engine | undefined
  const results: Result[] = []
  try {
    say('starting MongoDB, the services, exporters and Prometheus')
    await guestbook.start()
    if (translated) await translated.engine.start()
    engine = translated?.engine ?? await startGrafana(folder, guestbook.prometheusUrl, addresses)
    say(`rules are evaluated and pages delivered by ${engine.name}; ${FACTOR} times faster than in production`)
    await sleep(engine.settleSeconds * 1000)
    for (const drill of drills) {
      if (only && !drill.pages.some(({ rule }) => only.includes(rule))) continue
      results.push(...await run(drill, guestbook, pagerDuty, engine))
    }
    if (pagerDuty.refused.length > 0) throw new Error(`PagerDuty refused ${JSON.stringify(pagerDuty.refused[0])}`)
    console.table(results)
    say(`${results.length} pages in time, by ${engine.name}`)
    if (!keep) rmSync(folder, { recursive: true })
  } catch (error) {
    say(`logs: ${folder}`)
    console.log(pagerDuty.arrivals.map(({ event }) => `${event.event_action} ${event.payload?.class} ${event.payload?.component}`).join('\n'))
    throw error
  } finally {
    await engine?.stop()
    await guestbook.stop()
    await pagerDuty.close()
  }
}

await main().catch((error: Error) => {
  console.error(error.message)
  process.exitCode = 1
})
