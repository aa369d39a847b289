import type { Dashboard } from './panels.ts'

export const traces: Dashboard = {
  uid: 'guestbook-traces',
  title: 'Guestbook traces',
  description: 'Calls between services, and the slow and failed requests.',
  panels: [
    {
      id: 1,
      title: 'Service graph',
      type: 'nodeGraph',
      width: 12,
      height: 12,
      source: 'tempo',
      expr: ''
    },
    {
      id: 2,
      title: 'Calls between services',
      type: 'timeseries',
      width: 12,
      height: 6,
      unit: 'reqps',
      expr: 'sum by (client, server) (rate(traces_service_graph_request_total[5m]))',
      legend: '{{client}} to {{server}}'
    },
    {
      id: 3,
      title: 'Failed calls between services',
      type: 'timeseries',
      width: 12,
      height: 6,
      unit: 'reqps',
      expr: 'sum by (client, server) (rate(traces_service_graph_request_failed_total[5m]))',
      legend: '{{client}} to {{server}}'
    },
    {
      id: 4,
      title: 'Traces slower than 300 ms',
      type: 'table',
      width: 12,
      height: 10,
      source: 'tempo',
      expr: '{ resource.service.namespace = "guestbook" && duration > 300ms }'
    },
    {
      id: 5,
      title: 'Failed traces',
      type: 'table',
      width: 12,
      height: 10,
      source: 'tempo',
      expr: '{ resource.service.namespace = "guestbook" && status = error }'
    }
  ]
}
