/** `make drill-cluster`: injects faults into a deployed platform and expects their pages. */
import { existsSync } from 'node:fs'
import { alertingFiles, rulesOf } from '../../../alert-rules/generator/provisioning.ts'
import { interruption, perform, say, type Result } from '../drill.ts'
import { checkDashboards } from './dashboards.ts'
import { clusterDrills } from './drills.ts'
import { hasBackups } from './faults.ts'
import { ROOT } from '../../lib/paths.ts'
import { cluster } from './namespaces.ts'
import { HELP, parseOptions, assertConfirmed, type Options } from './options.ts'
import { endable, gatewayOfKind, withCluster } from './environment.ts'

const DEPLOYED = `${ROOT}infra/state/dev/kubeconfig`

async function drill (
  { only, receiver = gatewayOfKind() }: Options,
  interrupted: Promise<never>
): Promise<void> {
  const rules = new Map(rulesOf(alertingFiles()).map(rule => [rule.uid, rule]))
  await withCluster(receiver, async (environment, pagerDuty, addresses) => {
    const results: Result[] = []
    try {
      for (const chosen of clusterDrills(await hasBackups())) {
        if (only.length > 0 && !chosen.pages.some(({ rule }) => only.includes(rule))) continue
        const { drill, endNow } = endable(chosen)
        try {
          const performed = perform(drill, rules, environment, pagerDuty, addresses)
          results.push(...(await Promise.race([performed, interrupted])))
        } finally {
          await endNow(environment)
        }
      }
    } finally {
      console.table(results)
    }
    if (pagerDuty.rejected.length > 0) {
      throw new Error(`PagerDuty rejected ${JSON.stringify(pagerDuty.rejected[0])}`)
    }
    say(`${results.length} pages arrived in time and resolved, by ${environment.engine.name}`)
  })
}

async function main (): Promise<void> {
  const options = parseOptions(process.argv.slice(2), [
    ...new Set(clusterDrills(true).flatMap(({ pages }) => pages.map(({ rule }) => rule)))
  ])
  if (options.help) { console.log(HELP); return }
  if (process.env.KUBECONFIG === undefined && existsSync(DEPLOYED)) {
    process.env.KUBECONFIG = DEPLOYED
  }
  const context = await cluster.run('config', 'current-context')
  say(`the cluster is that of the context ${context}`)
  assertConfirmed(context, options.confirm)
  const interrupted = interruption()
  await (options.dashboards ? checkDashboards(interrupted) : drill(options, interrupted))
}

await main().catch((error: Error) => {
  console.error(error.message)
  process.exitCode = 1
})
