import { table, timeseries, type Dashboard } from './panels.ts'

export const endpoints: Dashboard = {
  uid: 'guestbook-endpoints',
  title: 'Guestbook endpoints',
  description: 'The most used and slowest routes, and responses by status.',
  panels: [
    table(
      1,
      'Most used routes, requests per second',
      'topk(10, sum by (job, method, route) (rate(http_requests_total[5m])))',
      { width: 12, unit: 'reqps' }
    ),
    table(
      2,
      'Slowest routes, p95',
      'topk(10, histogram_quantile(0.95, sum by (le, job, method, route) ' +
        '(rate(http_request_duration_seconds_bucket[5m]))) > 0)',
      { width: 12, unit: 's' }
    ),
    timeseries(3, 'Responses by status', {
      '{{job}} {{status_code}}': 'sum by (job, status_code) (rate(http_requests_total[5m]))'
    }, { width: 12, unit: 'reqps' }),
    timeseries(4, 'Calls to the backend by outcome', {
      '{{operation}} {{outcome}}':
        'sum by (operation, outcome) (rate(guestbook_backend_request_duration_seconds_count[5m]))',
      retries: 'sum(rate(guestbook_backend_retries_total[5m]))'
    }, {
      description: 'Attempts of the frontend, and those after the first.', width: 12, unit: 'reqps'
    })
  ]
}
