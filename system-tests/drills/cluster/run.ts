/** `make drill-cluster`: the faults that need a cluster, on the platform that is deployed there. */
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { alertingFiles, rulesOf } from '../../../alert-rules/generator/provisioning.ts'
import { perform, say, type Result } from '../drill.ts'
import { askDashboards } from './dashboards.ts'
import { clusterDrills } from './drills.ts'
import { hasBackups } from './faults.ts'
import { kubectl } from './kubectl.ts'
import { HELP, optionsOf, refuseStranger, type Options } from './options.ts'
import { endable, gatewayOfKind, interruption, withCluster } from './stage.ts'

const DEPLOYED = fileURLToPath(new URL('../../../infra/state/dev/kubeconfig', import.meta.url))

async function drill (
  { only, receiver = gatewayOfKind() }: Options,
  interrupted: Promise<never>
): Promise<void> {
  const rules = new Map(rulesOf(alertingFiles()).map(rule => [rule.uid, rule]))
  await withCluster(receiver, async (place, pagerDuty, addresses) => {
    const results: Result[] = []
    try {
      for (const chosen of clusterDrills(await hasBackups())) {
        if (only.length > 0 && !chosen.pages.some(({ rule }) => only.includes(rule))) continue
        const { drill, endNow } = endable(chosen)
        try {
          results.push(
            ...(await Promise.race([
              perform(drill, rules, place, pagerDuty, addresses),
              interrupted
            ]))
          )
        } finally {
          await endNow(place)
        }
      }
    } finally {
      console.table(results)
    }
    if (pagerDuty.refused.length > 0) {
      throw new Error(`PagerDuty refused ${JSON.stringify(pagerDuty.refused[0])}`)
    }
    say(`${results.length} pages in time and resolved, by ${place.engine.name}`)
  })
}

async function main (): Promise<void> {
  const options = optionsOf(process.argv.slice(2), [
    ...new Set(clusterDrills(true).flatMap(({ pages }) => pages.map(({ rule }) => rule)))
  ])
  if (options.help) { console.log(HELP); return }
  if (process.env.KUBECONFIG === undefined && existsSync(DEPLOYED)) {
    process.env.KUBECONFIG = DEPLOYED
  }
  const context = await kubectl('config', 'current-context')
  say(`the cluster of the context ${context}`)
  refuseStranger(context, options.confirm)
  const interrupted = interruption()
  await (options.dashboards ? askDashboards(interrupted) : drill(options, interrupted))
}

await main().catch((error: Error) => {
  console.error(error.message)
  process.exitCode = 1
})
