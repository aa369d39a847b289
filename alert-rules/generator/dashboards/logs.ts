import { logLines, timeseries, type Dashboard } from './panels.ts'

const LINES = '{namespace="guestbook"} | json | service=~"guestbook-$service"'
const ERRORS = ' | level=~"error|fatal"'
const count = (filter: string, by: string) =>
  `sum by (${by}) (count_over_time(${LINES}${filter} [$__interval]))`

export const logs: Dashboard = {
  uid: 'guestbook-logs',
  title: 'Guestbook logs',
  description: 'Log volume, errors and log lines. A trace id opens its trace.',
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
    timeseries(1, 'Log lines by level', {
      '{{level}}': count('', 'level')
    }, { source: 'loki', width: 12, height: 7 }),
    timeseries(2, 'Errors by route', {
      '{{service}} {{route}}': count(ERRORS, 'service, route')
    }, { source: 'loki', width: 12, height: 7 }),
    timeseries(3, 'Uncaught exceptions', {
      '{{job}}': 'sum by (job) (increase(process_uncaught_exceptions_total[5m]))'
    }, { width: 24, height: 5 }),
    logLines(4, 'Error lines', LINES + ERRORS, { source: 'loki', width: 24, height: 9 }),
    logLines(5, 'All log lines', `${LINES} | trace_id=~".*$trace_id.*"`, {
      source: 'loki', width: 24, height: 12
    })
  ]
}
