import { fileURLToPath } from 'node:url'
import { join } from 'node:path'
import type { Config } from './config/schema.ts'
import { expandHome } from './config/load.ts'
import { component } from './components.ts'
import { ROOT } from './paths.ts'

/** A chart in a folder. */
export interface ChartFolder {
  /** The folder as this process sees it. */
  readonly folder: string
  /** The folder as Terraform sees it from a stack. @default `folder` */
  readonly path?: string
}
/** One version of a chart in a repository. */
export interface ChartInRepository {
  readonly repository: string
  readonly chart: string
  readonly version: string
}
export type Chart = ChartFolder | ChartInRepository

const charts = fileURLToPath(new URL('../../charts', import.meta.url))

/** A chart of this repository. */
export const ownChart = (name: string): Chart => ({
  folder: join(charts, name),
  path: `${ROOT}/charts/${name}`
})

/** A third-party chart of the version catalog, from its repository or the configured mirror. */
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
