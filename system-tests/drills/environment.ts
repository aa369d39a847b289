/** Starts and stops everything that a drill on this computer needs. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { seconds } from '../../alert-rules/generator/duration.ts'
import type { Rule } from '../../alert-rules/generator/provisioning.ts'
import { prepareAlertmanager } from './alertmanager.ts'
import { isOnPath } from '../lib/exec.ts'
import { followRunbook } from './diagnosis.ts'
import { interruption, say, type Work } from './drill.ts'
import type { LocalEnvironment } from './drills.ts'
import type { Addresses, Engine } from './engine.ts'
import { GRAFANA, startGrafana } from './grafana.ts'
import { Guestbook } from './guestbook.ts'
import { HEARTBEAT_TIMEOUT, startHeartbeat, type Heartbeat } from './heartbeat.ts'
import { INTEGRATION_KEY, PagerDuty } from './pagerduty.ts'
import { FACTOR } from './scale.ts'

export const ENGINES = ['grafana', 'alertmanager'] as const
export type EngineName = typeof ENGINES[number]

export const defaultEngine = (): EngineName => isOnPath(GRAFANA) ? 'grafana' : 'alertmanager'

/** Runs `work` in an environment, whose logs are kept when it fails. */
export async function withEnvironment (
  engineName: EngineName, work: Work<LocalEnvironment>
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'guestbook-drill-'))
  const pagerDuty = new PagerDuty()
  const interrupted = interruption()
  let [guestbook, engine, heartbeat]: [Guestbook?, Engine?, Heartbeat?] = []
  try {
    const pagerDutyUrl = await pagerDuty.listen()
    // Grafana evaluates every 10 s and notifies every 30 s, however fast the drill is.
    heartbeat = await startHeartbeat(
      pagerDutyUrl,
      INTEGRATION_KEY,
      seconds(HEARTBEAT_TIMEOUT) / FACTOR + (engineName === 'grafana' ? 45 : 5)
    )
    const addresses: Addresses = {
      integrationKey: INTEGRATION_KEY,
      pagerDuty: pagerDutyUrl,
      ...(await pagerDuty.listenAsPagerDuty(folder)),
      heartbeat: heartbeat.url,
      runbooks: 'https://runbooks.example/guestbook',
      grafana: 'https://grafana.example'
    }
    const translated =
      engineName === 'alertmanager' ? await prepareAlertmanager(folder, addresses) : undefined
    guestbook = await Guestbook.create(folder, translated?.prometheusConfig)
    say('starting MongoDB, the services, exporters and Prometheus')
    await guestbook.start()
    engine = translated?.engine
    await engine?.start()
    engine ??= await startGrafana(folder, guestbook.prometheusUrl, addresses)
    say(
      `engine: ${engine.name}, ${FACTOR} times faster than in production; ` +
        `metrics of MongoDB: ${guestbook.mongodbExporter}`
    )
    await sleep(engine.settleSeconds * 1000)
    const PAGE_URL = guestbook.pageUrl
    const diagnose = async (rule: Rule) =>
      await followRunbook(rule, block => !block.includes('kubectl'), { PAGE_URL })
    await Promise.race([
      work({ guestbook, engine, heartbeat, diagnose }, pagerDuty, addresses),
      interrupted
    ])
    rmSync(folder, { recursive: true })
  } catch (error) {
    say(`the logs of all programs are in ${folder}; events that PagerDuty received:`)
    pagerDuty.print()
    throw error
  } finally {
    await engine?.stop()
    await guestbook?.stop()
    heartbeat?.close()
    await pagerDuty.close()
  }
}
