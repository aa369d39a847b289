import { fileURLToPath } from 'node:url'
import { join } from 'node:path'
import type { Config } from './config/schema.ts'
import { expandHome } from './config/load.ts'
import { component } from './components.ts'
import type { Chart } from './constructs/release.ts'
import { ROOT } from './paths.ts'

const charts = fileURLToPath(new URL('../../charts', import.meta.url))

/** A chart of this repository. */
export const ownChart = (name: string): Chart => ({
  folder: join(charts, name),
  path: `${ROOT}/charts/${name}`
})

/** A chart of others: of the version in the ledger, from its repository or from where the configuration says. */
export function chartOf (config: Config, id: string): Chart {
  const { source, version } = component(id)
  const { charts: folder, chartRepositories } = config.mirrors
  const chart = source.slice(source.lastIndexOf('/') + 1)
  if (folder) return { folder: join(expandHome(folder), chart) }
  return {
    repository: chartRepositories[id] ?? source.slice(0, source.lastIndexOf('/')),
    chart,
    version
  }
}
