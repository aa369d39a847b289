import type { Dashboard } from './panels.ts'

export const endpoints: Dashboard = {
  uid: 'guestbook-endpoints',
  title: 'Guestbook endpoints',
  description: 'The most used and slowest routes, and responses by status.',
  panels: [
    {
      id: 1,
      title: 'Most used routes, requests per second',
      type: 'table',
      width: 12,
      unit: 'reqps',
      expr: 'topk(10, sum by (job, method, route) (rate(http_requests_total[5m])))',
      instant: true
    },
    {
      id: 2,
      title: 'Slowest routes, p95',
      type: 'table',
      width: 12,
      unit: 's',
      expr:
        'topk(10, histogram_quantile(0.95, sum by (le, job, method, route) ' +
        '(rate(http_request_duration_seconds_bucket[5m]))) > 0)',
      instant: true
    },
    {
      id: 3,
      title: 'Responses by status',
      type: 'timeseries',
      width: 12,
      unit: 'reqps',
      expr: 'sum by (job, status_code) (rate(http_requests_total[5m]))',
      legend: '{{job}} {{status_code}}'
    },
    {
      id: 4,
      title: 'Calls to the backend by outcome',
      description: 'Attempts of the frontend, and those after the first.',
      type: 'timeseries',
      width: 12,
      unit: 'reqps',
      queries: [
        {
          expr:
            'sum by (operation, outcome) ' +
            '(rate(guestbook_backend_request_duration_seconds_count[5m]))',
          legend: '{{operation}} {{outcome}}'
        },
        { expr: 'sum(rate(guestbook_backend_retries_total[5m]))', legend: 'retries' }
      ]
    }
  ]
}
