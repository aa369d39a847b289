/** Renders dashboards, declared as lists of panels, to the JSON of Grafana. */

type Type = 'timeseries' | 'stat' | 'table' | 'logs' | 'nodeGraph'
type Source = 'prometheus' | 'loki' | 'tempo'

/** Expressions by their legends, or one expression without a legend. */
type Queries = Record<string, string> | string

interface Options {
  description?: string
  /** Columns, of 24. Panels fill rows from left to right. */
  width: number
  /** Default: 8. */
  height?: number
  /** A unit of Grafana, such as `s`, `reqps`, `percentunit` or `bytes`. Default: `short`. */
  unit?: string
  /** Default: `prometheus`. */
  source?: Source
  /** Values from which a panel turns orange and red. */
  thresholds?: { warning: number, critical: number }
  /** Legend of the query that shows exemplars. */
  exemplars?: string
}

interface Panel extends Options { id: number, title: string, type: Type, queries: Queries }

export interface Dashboard {
  uid: string
  title: string
  description: string
  panels: Panel[]
  variables?: unknown[]
}

/** @param id stays the same for the life of the panel: alerts and links name it */
const panel = (type: Type) =>
  (id: number, title: string, queries: Queries, options: Options): Panel =>
    ({ id, title, type, queries, ...options })

export const timeseries = panel('timeseries')
export const stat = panel('stat')
export const table = panel('table')
export const logLines = panel('logs')
export const nodeGraph = panel('nodeGraph')

const REFS = 'ABCDEFGH'
const datasource = (type: Source) => ({ type, uid: type })

/** What a target has beside its expression and legend. */
function queryOptions (type: Type, source: Source, expr: string) {
  if (type === 'nodeGraph') return { queryType: 'serviceMap' }
  if (source === 'tempo') {
    return { queryType: 'traceql', query: expr, tableType: 'traces', limit: 20 }
  }
  return { expr, ...(type === 'table' && { instant: true, range: false, format: 'table' }) }
}

function targetsOf ({ type, source = 'prometheus', queries, exemplars }: Panel) {
  if (typeof queries === 'string') {
    const options = queryOptions(type, source, queries)
    return [{ refId: 'A', datasource: datasource(source), ...options }]
  }
  return Object.entries(queries).map(([legend, expr], index) => ({
    refId: REFS[index],
    datasource: datasource(source),
    expr,
    legendFormat: legend,
    ...(legend === exemplars && { exemplar: true })
  }))
}

function steps (thresholds: Panel['thresholds']) {
  if (!thresholds) return [{ color: 'blue', value: null }]
  return [
    { color: 'green', value: null },
    { color: 'orange', value: thresholds.warning },
    { color: 'red', value: thresholds.critical }
  ]
}

function toGrafana (panel: Panel, position: { x: number; y: number }) {
  const { id, title, description, type, width, height = 8, unit = 'short', thresholds } = panel
  return {
    id,
    title,
    ...(description && { description }),
    type,
    gridPos: { w: width, h: height, ...position },
    datasource: datasource(panel.source ?? 'prometheus'),
    targets: targetsOf(panel),
    fieldConfig: {
      defaults: {
        unit,
        min: 0,
        thresholds: { mode: 'absolute', steps: steps(thresholds) },
        ...(type === 'timeseries' && { custom: { fillOpacity: 10, showPoints: 'never' } })
      },
      overrides: []
    }
  }
}

/** Vertical lines where a version started and where a fault was injected. */
const MARKERS = [
  {
    name: 'Deployed',
    color: 'blue',
    expr:
      'min by (service, version) (process_uptime_seconds{job=~"guestbook-.*"} ' +
      '* on (job, instance) group_left (service, version) guestbook_build_info) < 60',
    title: '{{service}} {{version}} started'
  },
  {
    name: 'Injected fault',
    color: 'red',
    expr: 'max by (job, fault) (guestbook_fault_active) > 0',
    title: '{{fault}} injected into {{job}}'
  }
].map(({ name, color, expr, title }) => ({
  name,
  enable: true,
  iconColor: color,
  datasource: datasource('prometheus'),
  expr,
  step: '15s',
  titleFormat: title
}))

export function render ({ uid, title, description, panels, variables = [] }: Dashboard) {
  let [x, y, rowHeight] = [0, 0, 0]
  const placed = panels.map(panel => {
    if (x + panel.width > 24) [x, y, rowHeight] = [0, y + rowHeight, 0]
    const rendered = toGrafana(panel, { x, y })
    x += panel.width
    rowHeight = Math.max(rowHeight, rendered.gridPos.h)
    return rendered
  })
  return {
    uid,
    title,
    description,
    tags: ['guestbook'],
    schemaVersion: 39,
    editable: false,
    timezone: 'browser',
    refresh: '30s',
    time: { from: 'now-1h', to: 'now' },
    links: [
      {
        type: 'dashboards',
        title: 'Guestbook',
        tags: ['guestbook'],
        asDropdown: true,
        includeVars: true,
        keepTime: true
      }
    ],
    templating: { list: variables },
    annotations: { list: MARKERS },
    panels: placed
  }
}
