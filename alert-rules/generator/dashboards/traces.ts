import type { Dashboard } from './panels.ts'

export const traces: Dashboard = {
  uid: 'guestbook-traces',
  title: 'Guestbook traces',
  description: 'Who calls whom, and the slow and failed requests one by one.',
  panels: [
    {
      id: 1,
      title: 'Service graph',
      type: 'nodeGraph',
      width: 12,
      height: 12,
      source: 'tempo',
      queries: [{ expr: '' }]
    },
    {
      id: 2,
      title: 'Calls between services',
      type: 'timeseries',
      width: 12,
      height: 6,
      unit: 'reqps',
      queries: [
        {
          expr: 'sum by (client, server) (rate(traces_service_graph_request_total[5m]))',
          legend: '{{client}} to {{server}}'
        }
      ]
    },
    {
      id: 3,
      title: 'Failed calls between services',
      type: 'timeseries',
      width: 12,
      height: 6,
      unit: 'reqps',
      queries: [
        {
          expr: 'sum by (client, server) (rate(traces_service_graph_request_failed_total[5m]))',
          legend: '{{client}} to {{server}}'
        }
      ]
    },
    {
      id: 4,
      title: 'Slower than 300 ms',
      type: 'table',
      width: 12,
      height: 10,
      source: 'tempo',
      queries: [{ expr: '{ resource.service.namespace = "guestbook" && duration > 300ms }' }]
    },
    {
      id: 5,
      title: 'Failed',
      type: 'table',
      width: 12,
      height: 10,
      source: 'tempo',
      queries: [{ expr: '{ resource.service.namespace = "guestbook" && status = error }' }]
    }
  ]
}
