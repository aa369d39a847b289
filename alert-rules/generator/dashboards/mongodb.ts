import type { Dashboard } from './panels.ts'

export const mongodb: Dashboard = {
  uid: 'guestbook-mongodb',
  title: 'Guestbook MongoDB',
  description: 'Metrics of the database, and of the store operations of the backend.',
  panels: [
    {
      id: 1,
      title: 'Members up',
      type: 'stat',
      width: 6,
      height: 6,
      expr: 'sum(mongodb_up)',
      legend: 'members'
    },
    {
      id: 2,
      title: 'Connections',
      type: 'timeseries',
      width: 9,
      height: 6,
      expr: 'sum by (conn_type) (mongodb_ss_connections{conn_type=~"current|available|active"})',
      legend: '{{conn_type}}'
    },
    {
      id: 3,
      title: 'Members of the replica set',
      type: 'table',
      width: 9,
      height: 6,
      expr: 'max by (member_idx, member_state) (mongodb_rs_members_health)',
      instant: true
    },
    {
      id: 4,
      title: 'Store operations by outcome',
      description: 'Measured by the backend.',
      type: 'timeseries',
      width: 12,
      unit: 'ops',
      expr:
        'sum by (operation, outcome) ' +
        '(rate(guestbook_store_operation_duration_seconds_count[5m]))',
      legend: '{{operation}} {{outcome}}'
    },
    {
      id: 6,
      title: 'Store operations, p95',
      type: 'timeseries',
      width: 12,
      unit: 's',
      expr:
        'histogram_quantile(0.95, sum by (le, operation) ' +
        '(rate(guestbook_store_operation_duration_seconds_bucket[5m])))',
      legend: '{{operation}}'
    },
    {
      id: 7,
      title: 'Server operations',
      type: 'timeseries',
      width: 8,
      unit: 'ops',
      expr: 'sum by (legacy_op_type) (rate(mongodb_ss_opcounters[5m]))',
      legend: '{{legacy_op_type}}'
    },
    {
      id: 8,
      title: 'Memory and cache',
      type: 'timeseries',
      width: 8,
      unit: 'bytes',
      queries: [
        { expr: 'mongodb_ss_mem_resident * 1048576', legend: 'resident {{instance}}' },
        { expr: 'mongodb_ss_wt_cache_bytes_currently_in_the_cache', legend: 'cache {{instance}}' }
      ]
    },
    {
      id: 9,
      title: 'Size on disk',
      type: 'timeseries',
      width: 8,
      unit: 'bytes',
      expr: 'max by (database) (mongodb_dbstats_totalSize{database="guestbook"})',
      legend: '{{database}}'
    },
    {
      id: 5,
      title: 'Hours since the last successful backup',
      type: 'stat',
      width: 24,
      height: 4,
      unit: 'h',
      expr:
        '(time() - max by (namespace, cronjob) ' +
        '(kube_cronjob_status_last_successful_time{cronjob=~".*mongodb-backup"})) / 3600',
      legend: '{{namespace}}/{{cronjob}}',
      thresholds: { warning: 26, critical: 28 }
    }
  ]
}
