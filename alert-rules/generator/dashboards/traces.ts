import { nodeGraph, table, timeseries, type Dashboard } from './panels.ts'

const spans = (condition: string) =>
  `{ resource.service.namespace = "guestbook" && ${condition} }`

export const traces: Dashboard = {
  uid: 'guestbook-traces',
  title: 'Guestbook traces',
  description: 'Calls between services, and the slow and failed requests.',
  panels: [
    nodeGraph(1, 'Service graph', '', { source: 'tempo', width: 12, height: 12 }),
    timeseries(2, 'Calls between services', {
      '{{client}} to {{server}}':
        'sum by (client, server) (rate(traces_service_graph_request_total[5m]))'
    }, { width: 12, height: 6, unit: 'reqps' }),
    timeseries(3, 'Failed calls between services', {
      '{{client}} to {{server}}':
        'sum by (client, server) (rate(traces_service_graph_request_failed_total[5m]))'
    }, { width: 12, height: 6, unit: 'reqps' }),
    table(4, 'Traces slower than 300 ms', spans('duration > 300ms'), {
      source: 'tempo', width: 12, height: 10
    }),
    table(5, 'Failed traces', spans('status = error'), { source: 'tempo', width: 12, height: 10 })
  ]
}
