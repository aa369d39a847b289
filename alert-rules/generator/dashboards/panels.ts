/** What the dashboards are made of: a few kinds of panels, laid out in rows of a 24-column grid. */

type Source = 'prometheus' | 'loki' | 'tempo'

export interface Query { expr: string, legend?: string, exemplar?: boolean, instant?: boolean }

export interface Panel {
  id: number
  title: string
  description?: string
  type: 'timeseries' | 'stat' | 'table' | 'logs' | 'text' | 'traces' | 'nodeGraph'
  /** Columns, of 24. */
  width: number
  height?: number
  unit?: string
  source?: Source
  queries?: Query[]
  /** Values from which on a panel turns orange and red. */
  thresholds?: { warning: number, critical: number }
  /** More of Grafana's own panel model. */
  more?: Record<string, unknown>
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
    queries = [],
    thresholds,
    more
  }: Panel,
  place: { x: number; y: number }
) {
  return {
    id,
    title,
    ...(description && { description }),
    type,
    gridPos: { w: width, h: height, ...place },
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
    },
    ...more
  }
}

/** Vertical lines where something was deployed and where a fault was injected on purpose. */
const MARKERS = [
  {
    name: 'Deployed',
    color: 'blue',
    expr: 'min by (service, version) (process_uptime_seconds{job=~"guestbook-.*"} * on (job, instance) group_left (service, version) guestbook_build_info) < 60',
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
