/** Renders dashboards, declared as lists of panels, to the JSON of Grafana. */

type Source = 'prometheus' | 'loki' | 'tempo'

export interface Query { expr: string, legend?: string, exemplar?: boolean, instant?: boolean }

/** A panel with one query has its fields, a panel with several has `queries`. */
export interface Panel extends Partial<Query> {
  /** Stays the same for the life of the panel: alerts and links name it. */
  id: number
  title: string
  description?: string
  type: 'timeseries' | 'stat' | 'table' | 'logs' | 'traces' | 'nodeGraph'
  /** Columns, of 24. Panels fill rows from left to right. */
  width: number
  /** Default: 8. */
  height?: number
  /** A unit of Grafana, such as `s`, `reqps`, `percentunit` or `bytes`. Default: `short`. */
  unit?: string
  /** Default: `prometheus`. */
  source?: Source
  queries?: Query[]
  /** Values from which a panel turns orange and red. */
  thresholds?: { warning: number, critical: number }
}

export interface Dashboard {
  uid: string
  title: string
  description: string
  panels: Panel[]
  variables?: unknown[]
  tags?: string[]
}

const REFS = 'ABCDEFGH'
const datasource = (type: Source) => ({ type, uid: type })

function target (source: Source, { expr, legend, exemplar, instant }: Query, index: number) {
  const common = { refId: REFS[index], datasource: datasource(source) }
  if (source === 'tempo') {
    return {
      ...common,
      queryType: expr === '' ? 'serviceMap' : 'traceql',
      ...(expr && { query: expr, tableType: 'traces', limit: 20 })
    }
  }
  return {
    ...common,
    expr,
    ...(legend !== undefined && { legendFormat: legend }),
    ...(exemplar && { exemplar }),
    ...(instant && { instant, range: false, format: 'table' })
  }
}

function steps (thresholds: Panel['thresholds']) {
  return [
    { color: thresholds ? 'green' : 'blue', value: null },
    ...(thresholds
      ? [
          { color: 'orange', value: thresholds.warning },
          { color: 'red', value: thresholds.critical }
        ]
      : [])
  ]
}

function toGrafana (
  {
    id,
    title,
    description,
    type,
    width,
    height = 8,
    unit = 'short',
    source = 'prometheus',
    expr = '',
    legend,
    exemplar,
    instant,
    queries = [{ expr, legend, exemplar, instant }],
    thresholds
  }: Panel,
  position: { x: number; y: number }
) {
  return {
    id,
    title,
    ...(description && { description }),
    type,
    gridPos: { w: width, h: height, ...position },
    datasource: datasource(source),
    targets: queries.map((query, index) => target(source, query, index)),
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

export function render ({ uid, title, description, panels, variables = [], tags = [] }: Dashboard) {
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
    tags: ['guestbook', ...tags],
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
