import type { Dashboard } from './panels.ts'

const BY = 'sum by (job, method, route)'

export const endpoints: Dashboard = {
  uid: 'guestbook-endpoints',
  title: 'Guestbook endpoints',
  description: 'Which routes are used most, fail most and take longest.',
  panels: [
    {
      id: 1,
      title: 'Most used, requests a second',
      type: 'table',
      width: 12,
      unit: 'reqps',
      queries: [{ expr: `topk(10, ${BY} (rate(http_requests_total[5m])))`, instant: true }]
    },
    {
      id: 2,
      title: 'Slowest, p95',
      type: 'table',
      width: 12,
      unit: 's',
      queries: [
        {
          expr: 'topk(10, histogram_quantile(0.95, sum by (le, job, method, route) (rate(http_request_duration_seconds_bucket[5m]))) > 0)',
          instant: true
        }
      ]
    },
    {
      id: 3,
      title: 'Answers by status',
      type: 'timeseries',
      width: 12,
      unit: 'reqps',
      queries: [
        {
          expr: 'sum by (job, status_code) (rate(http_requests_total[5m]))',
          legend: '{{job}} {{status_code}}'
        }
      ]
    },
    {
      id: 4,
      title: 'Calls to the backend by outcome',
      description: 'Attempts as the frontend sees them, and those beyond the first.',
      type: 'timeseries',
      width: 12,
      unit: 'reqps',
      queries: [
        {
          expr: 'sum by (operation, outcome) (rate(guestbook_backend_request_duration_seconds_count[5m]))',
          legend: '{{operation}} {{outcome}}'
        },
        { expr: 'sum(rate(guestbook_backend_retries_total[5m]))', legend: 'repeated' }
      ]
    }
  ]
}
