/**
 * The short form of dashboards, in which expected-dashboards/ has them: `panel` is id, type, size,
 * position and unit, and queries stand under their legends.
 */
import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { ALERT_RULES } from '../../alert-rules/generator/provisioning.ts'

interface Target {
  refId: string
  datasource: object
  legendFormat?: string
  [key: string]: unknown
}
interface Defaults {
  unit: string
  min: number
  thresholds: { mode: string; steps: Array<{ color: string; value: number | null }> }
  custom?: object
}
interface Panel {
  id: number
  title: string
  description?: string
  type: string
  gridPos: { x: number; y: number; w: number; h: number }
  datasource: { type: string; uid: string }
  targets: Target[]
  fieldConfig: { defaults: Defaults; overrides: unknown[] }
}
export interface Dashboard {
  panels: Panel[]
  templating: { list: unknown[] }
  [key: string]: unknown
}

/** @param name of the file, without extension */
export const expectedDashboard = (name: string): object =>
  parse(readFileSync(new URL(`expected-dashboards/${name}.yml`, import.meta.url), 'utf8'))

export const readDashboard = (name: string): Dashboard =>
  JSON.parse(readFileSync(`${ALERT_RULES}dashboards/${name}.json`, 'utf8'))

const same = (one: unknown, other: unknown) => JSON.stringify(one) === JSON.stringify(other)

/** Query options of a table. */
const TABLE = { instant: true, range: false, format: 'table' }
/** Display options of a series. */
const DRAWN = { fillOpacity: 10, showPoints: 'never' }

/** The expression by its legend, with any other options. */
function shortQuery (target: Target, index: number, panel: Panel): [string, unknown] {
  const { refId, datasource, legendFormat = 'no legend', expr, ...rest } = target
  const key = refId === 'ABCDEFGH'[index] ? legendFormat : `${refId}: ${legendFormat}`
  const options = { ...(same(datasource, panel.datasource) ? {} : { datasource }), ...rest }
  if (same(options, TABLE)) return ['as a table', expr]
  return [key, same(options, {}) ? expr : { expr, ...options }]
}

function shortPanel (panel: Panel): object {
  const { id, title, description, type, gridPos, datasource, targets, fieldConfig, ...more } = panel
  const { unit, min, thresholds, custom, ...others } = fieldConfig.defaults
  const { overrides } = fieldConfig
  const { x, y, w, h } = gridPos
  const steps = thresholds.steps.map(({ color, value }) =>
    value === null ? color : `${color} from ${value}`)
  return {
    panel: `${id} ${type} ${w}x${h} at ${x},${y} ${unit}`,
    title,
    ...(description === undefined ? {} : { description }),
    ...(same(datasource, { type: 'prometheus', uid: 'prometheus' }) ? {} : { datasource }),
    queries: Object.fromEntries(targets.map((target, index) => shortQuery(target, index, panel))),
    ...(same(steps, ['blue']) ? {} : { colors: steps.join(', ') }),
    ...(thresholds.mode === 'absolute' ? {} : { mode: thresholds.mode }),
    ...(same(custom, type === 'timeseries' ? DRAWN : undefined)
      ? {}
      : { custom: custom ?? 'none' }),
    ...(min === 0 ? {} : { min: min ?? 'none' }),
    ...(overrides.length === 0 ? {} : { overrides }),
    ...others,
    ...more
  }
}

/** Title, variables and panels of a dashboard, without what all dashboards share. */
export function shortDashboard ({ title, description, templating, panels }: Dashboard): object {
  return {
    title,
    description,
    ...(templating.list.length === 0 ? {} : { variables: templating.list }),
    panels: panels.map(shortPanel)
  }
}
