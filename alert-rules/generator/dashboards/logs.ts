import type { Dashboard } from './panels.ts'

const LINES = '{namespace="guestbook"} | json | service=~"guestbook-$service"'
const count = (filter: string, by: string) =>
  `sum by (${by}) (count_over_time(${LINES}${filter} [$__interval]))`

export const logs: Dashboard = {
  uid: 'guestbook-logs',
  title: 'Guestbook logs',
  description:
    'Log volume, errors and log lines. A trace id opens its trace.',
  variables: [
    {
      name: 'service',
      label: 'Service',
      type: 'custom',
      query: 'frontend,backend',
      current: { text: 'All', value: '$__all' },
      includeAll: true,
      allValue: '.*',
      options: []
    },
    {
      name: 'trace_id',
      label: 'Reference code',
      description: 'The code on an error page is the id of its trace.',
      type: 'textbox',
      query: '',
      current: { text: '', value: '' }
    }
  ],
  panels: [
    {
      id: 1,
      title: 'Log lines by level',
      type: 'timeseries',
      width: 12,
      height: 7,
      source: 'loki',
      expr: count('', 'level'),
      legend: '{{level}}'
    },
    {
      id: 2,
      title: 'Errors by route',
      type: 'timeseries',
      width: 12,
      height: 7,
      source: 'loki',
      expr: count(' | level=~"error|fatal"', 'service, route'),
      legend: '{{service}} {{route}}'
    },
    {
      id: 3,
      title: 'Uncaught exceptions',
      type: 'timeseries',
      width: 24,
      height: 5,
      expr: 'sum by (job) (increase(process_uncaught_exceptions_total[5m]))',
      legend: '{{job}}'
    },
    {
      id: 4,
      title: 'Error lines',
      type: 'logs',
      width: 24,
      height: 9,
      source: 'loki',
      expr: `${LINES} | level=~"error|fatal"`
    },
    {
      id: 5,
      title: 'All log lines',
      type: 'logs',
      width: 24,
      height: 12,
      source: 'loki',
      expr: `${LINES} | trace_id=~".*$trace_id.*"`
    }
  ]
}
