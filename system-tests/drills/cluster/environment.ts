/** Adds receivers and visitors to a deployed platform, and removes them again. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { seconds } from '../../../alert-rules/generator/duration.ts'
import { answers, until } from '../../lib/until.ts'
import { followRunbook } from '../diagnosis.ts'
import { say, type Work } from '../drill.ts'
import type { Drill } from '../drills.ts'
import { HEARTBEAT_TIMEOUT, startHeartbeat } from '../heartbeat.ts'
import { INTEGRATION_KEY, PagerDuty } from '../pagerduty.ts'
import { FACTOR } from '../scale.ts'
import { keepVisiting } from '../visits.ts'
import type { ClusterEnvironment } from './drills.ts'
import { patchGrafana, type PatchedGrafana } from './grafana.ts'
import { guestbook } from './namespaces.ts'
import { createVolume, removeVolume } from './volume.ts'

/** Grafana evaluates every 10 s, notifies every 30 s, and may have little CPU. */
const HEARTBEAT_SLACK_SECONDS = 60
const VISITS_PER_SECOND = 5

/** The address of this computer that pods of a Kind cluster reach. */
export function gatewayOfKind (): string {
  const format = '{{range .IPAM.Config}}{{.Gateway}} {{end}}'
  const args = ['network', 'inspect', 'kind', '--format', format]
  const gateways = execFileSync('docker', args, { encoding: 'utf8' }).trim().split(/\s+/)
  const gateway = gateways.find(address => /^\d+(\.\d+){3}$/.test(address))
  if (!gateway) {
    throw new Error(
      'The Docker network "kind" has no gateway with an IPv4 address. ' +
        'Name the address that pods reach: --receiver ADDRESS.'
    )
  }
  return gateway
}

/** A drill, and a function that ends it when it has begun, at least partly. */
export function endable (drill: Drill<ClusterEnvironment>): {
  drill: Drill<ClusterEnvironment>
  endNow: (environment: ClusterEnvironment) => Promise<void>
} {
  let begun: Promise<void> | undefined
  return {
    drill: {
      ...drill,
      begin: async environment => { await (begun = drill.begin(environment)) },
      end: async environment => {
        await drill.end(environment)
        begun = undefined
      }
    },
    endNow: async environment => {
      if (!begun) return
      await begun.catch(() => {})
      await drill.end(environment)
    }
  }
}

/** `receiver`: address of this computer that pods reach. */
export async function withCluster (
  receiver: string,
  work: Work<ClusterEnvironment>
): Promise<void> {
  const folder = mkdtempSync(`${tmpdir()}/guestbook-drill-`)
  const pagerDuty = new PagerDuty(receiver)
  const visits = new AbortController()
  const frontend = await guestbook.forward('deployment/guestbook-frontend', 3000)
  const pagerDutyUrl = await pagerDuty.listen()
  const heartbeat = await startHeartbeat(
    pagerDutyUrl,
    INTEGRATION_KEY,
    seconds(HEARTBEAT_TIMEOUT) / FACTOR + HEARTBEAT_SLACK_SECONDS,
    receiver
  )
  let grafana: PatchedGrafana | undefined
  try {
    const receivers = {
      integrationKey: INTEGRATION_KEY,
      pagerDuty: pagerDutyUrl,
      heartbeat: heartbeat.url,
      ...(await pagerDuty.listenAsPagerDuty(folder))
    }
    await createVolume()
    grafana = await patchGrafana(receivers)
    const { engine, addresses } = grafana
    await until('the first heartbeat of the patched Grafana', () => heartbeat.beats > 0, 180_000)
    say(`${engine.name} evaluates and delivers, ${FACTOR} times faster than in production`)
    void keepVisiting({
      url: frontend.url,
      perSecond: VISITS_PER_SECOND,
      posts: false,
      signal: visits.signal
    })
    const pageOpens = async () => {
      const opens = async () => await answers(frontend.url)
      await until('the page opens past the ingress', opens, 15_000)
    }
    await pageOpens()
    await work(
      { engine, heartbeat, pageOpens, diagnose: async rule => await followRunbook(rule) },
      pagerDuty,
      addresses
    )
  } catch (error) {
    say('events that PagerDuty received:')
    pagerDuty.print()
    throw error
  } finally {
    visits.abort()
    frontend.close()
    heartbeat.close()
    await removeVolume().catch((error: Error) => { console.error(error.message) })
    await grafana?.restore()
    await pagerDuty.close()
    rmSync(folder, { recursive: true })
  }
}
