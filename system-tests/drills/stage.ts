/** Puts up all that a drill needs, and takes it down again. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { seconds } from '../../alert-rules/generator/duration.ts'
import type { Rule } from '../../alert-rules/generator/provisioning.ts'
import { prepareAlertmanager } from './alertmanager.ts'
import { followRunbook } from './diagnosis.ts'
import { say } from './drill.ts'
import type { Scene } from './drills.ts'
import type { Addresses, Engine } from './engine.ts'
import { GRAFANA, startGrafana } from './grafana.ts'
import { Guestbook } from './guestbook.ts'
import { HEARTBEAT_PATIENCE, startHeartbeat, type Heartbeat } from './heartbeat.ts'
import { INTEGRATION_KEY, PagerDuty } from './pagerduty.ts'
import { isOnPath } from './on-path.ts'
import { FACTOR } from './scale.ts'

export type Choice = 'grafana' | 'alertmanager'

export const chooseEngine = (): Choice => isOnPath(GRAFANA) ? 'grafana' : 'alertmanager'

/** Runs `work` on the stage; the logs of all programs are kept when it fails. */
export async function withStage (
  choice: Choice,
  work: (scene: Scene, pagerDuty: PagerDuty, addresses: Addresses) => Promise<void>
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'guestbook-drill-'))
  const pagerDuty = new PagerDuty()
  const interrupted = Promise.withResolvers<never>()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      interrupted.reject(new Error(`Interrupted by ${signal}.`))
    })
  }
  let [guestbook, engine, heartbeat]: [Guestbook?, Engine?, Heartbeat?] = []
  try {
    const pagerDutyUrl = await pagerDuty.listen()
    // However fast the drill, Grafana evaluates every 10 s and hands on every 30 s.
    heartbeat = await startHeartbeat(
      pagerDutyUrl,
      INTEGRATION_KEY,
      seconds(HEARTBEAT_PATIENCE) / FACTOR + (choice === 'grafana' ? 45 : 5)
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
      choice === 'alertmanager' ? await prepareAlertmanager(folder, addresses) : undefined
    guestbook = await Guestbook.create(folder, translated?.prometheusConfig)
    say('starting MongoDB, the services, exporters and Prometheus')
    await guestbook.start()
    engine = translated?.engine
    await engine?.start()
    engine ??= await startGrafana(folder, guestbook.prometheusUrl, addresses)
    say(
      `${engine.name} ${engine.name.includes(',') ? 'evaluate and deliver' : 'evaluates and delivers'}, ${FACTOR} times faster than in production; ${guestbook.mongodbExporter} tells of MongoDB`
    )
    await sleep(engine.settleSeconds * 1000)
    const PAGE_URL = guestbook.pageUrl
    const diagnose = async (rule: Rule) =>
      await followRunbook(rule, block => !block.includes('kubectl'), { PAGE_URL })
    await Promise.race([
      work({ guestbook, engine, heartbeat, diagnose }, pagerDuty, addresses),
      interrupted.promise
    ])
    rmSync(folder, { recursive: true })
  } catch (error) {
    say(`the logs of all programs are in ${folder}; what PagerDuty heard:`)
    for (const { event, at } of pagerDuty.arrivals) {
      console.log(
        `  ${new Date(at).toISOString().slice(11, 19)} ${event.event_action} ${event.payload?.severity} ${event.payload?.summary}`
      )
    }
    throw error
  } finally {
    interrupted.promise.catch(() => {})
    await engine?.stop()
    await guestbook?.stop()
    heartbeat?.close()
    await pagerDuty.close()
  }
}
