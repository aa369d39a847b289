import { stat, table, timeseries, type Dashboard } from './panels.ts'

export const mongodb: Dashboard = {
  uid: 'guestbook-mongodb',
  title: 'Guestbook MongoDB',
  description: 'Metrics of the database, and of the store operations of the backend.',
  panels: [
    stat(1, 'Members up', { members: 'sum(mongodb_up)' }, { width: 6, height: 6 }),
    timeseries(2, 'Connections', {
      '{{conn_type}}':
        'sum by (conn_type) (mongodb_ss_connections{conn_type=~"current|available|active"})'
    }, { width: 9, height: 6 }),
    table(
      3,
      'Members of the replica set',
      'max by (member_idx, member_state) (mongodb_rs_members_health)',
      { width: 9, height: 6 }
    ),
    timeseries(4, 'Store operations by outcome', {
      '{{operation}} {{outcome}}':
        'sum by (operation, outcome) (rate(guestbook_store_operation_duration_seconds_count[5m]))'
    }, { description: 'Measured by the backend.', width: 12, unit: 'ops' }),
    timeseries(6, 'Store operations, p95', {
      '{{operation}}':
        'histogram_quantile(0.95, sum by (le, operation) ' +
        '(rate(guestbook_store_operation_duration_seconds_bucket[5m])))'
    }, { width: 12, unit: 's' }),
    timeseries(7, 'Server operations', {
      '{{legacy_op_type}}': 'sum by (legacy_op_type) (rate(mongodb_ss_opcounters[5m]))'
    }, { width: 8, unit: 'ops' }),
    timeseries(8, 'Memory and cache', {
      'resident {{instance}}': 'mongodb_ss_mem_resident * 1048576',
      'cache {{instance}}': 'mongodb_ss_wt_cache_bytes_currently_in_the_cache'
    }, { width: 8, unit: 'bytes' }),
    timeseries(9, 'Size on disk', {
      '{{database}}': 'max by (database) (mongodb_dbstats_totalSize{database="guestbook"})'
    }, { width: 8, unit: 'bytes' }),
    stat(5, 'Hours since the last successful backup', {
      '{{namespace}}/{{cronjob}}':
        '(time() - max by (namespace, cronjob) ' +
        '(kube_cronjob_status_last_successful_time{cronjob=~".*mongodb-backup"})) / 3600'
    }, { width: 24, height: 4, unit: 'h', thresholds: { warning: 26, critical: 28 } })
  ]
}
