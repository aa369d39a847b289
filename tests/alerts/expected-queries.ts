/** The expressions of the rules, written by hand like expected-alerts.ts; line ends do not count. */
const share = (service: string) =>
  `slo:bad_requests:increase5m{slo="${service}-availability"}
    / clamp_min(slo:requests:increase5m{slo="${service}-availability"}, 1)
    * (slo:bad_requests:increase5m{slo="${service}-availability"} >= bool 10)`
const duration = (service: string) =>
  `( histogram_quantile(0.95, sum by (le)
    (rate(http_request_duration_seconds_bucket{job="guestbook-${service}"}[5m]))) >= 0
    and on () slo:requests:increase5m{slo="${service}-latency"} >= 20 ) or vector(0)`
const targets = 'job=~"guestbook-.+|blackbox|kube-state-metrics"'
const current = 'mongodb_ss_connections{conn_type="current"}'
const available = 'mongodb_ss_connections{conn_type="available"}'
const operations = 'guestbook_store_operation_duration_seconds_count'

export const EXPECTED_QUERIES: Record<string, string> = {
  'frontend-down': 'sum(up{job="guestbook-frontend"}) or vector(0)',
  'backend-down': 'sum(up{job="guestbook-backend"}) or vector(0)',
  'frontend-errors': share('frontend'),
  'backend-errors': share('backend'),
  'frontend-latency': duration('frontend'),
  'backend-latency': duration('backend'),
  'slo-burn-page-fast':
    'slo:burn_rate1h * (slo:burn_rate5m > bool 14.4) * (slo:bad_requests:increase1h >= bool 10)',
  'slo-burn-page-slow':
    'slo:burn_rate6h * (slo:burn_rate30m > bool 6) * (slo:bad_requests:increase6h >= bool 10)',
  'slo-burn-ticket-fast':
    'slo:burn_rate1d * (slo:burn_rate2h > bool 3) * (slo:bad_requests:increase1d >= bool 10)',
  'slo-burn-ticket-slow':
    'slo:burn_rate3d * (slo:burn_rate6h > bool 1) * (slo:bad_requests:increase3d >= bool 10)',
  'store-unavailable': `sum(increase(${operations}{outcome="unavailable"}[5m]))
    / clamp_min(sum(increase(${operations}[5m])), 1)`,
  'mongodb-down': 'max(max_over_time(mongodb_up[3m])) or 0 * max(max_over_time(mongodb_up[1d]))',
  'mongodb-connections': `max(${current} / on (job, instance) (${current} + on (job, instance) ${available}))`,
  'mongodb-backup-overdue': `time() - max by (namespace, cronjob)
    (kube_cronjob_status_last_successful_time{cronjob=~".*mongodb-backup"})`,
  'visitor-probe-failing': 'min(probe_success{job="blackbox"})',
  'visitor-probe-slow': 'max(avg_over_time(probe_duration_seconds{job="blackbox"}[10m]))',
  'scrape-target-down': `sum by (job) (1 - up{${targets}})
    or count by (job) (max_over_time(up{${targets}}[1d]))`,
  'pod-crash-looping': `max by (namespace, pod, container)
    (max_over_time(kube_pod_container_status_waiting_reason{reason="CrashLoopBackOff"}[5m]))`,
  'volume-filling': `min by (namespace, persistentvolumeclaim)
    (kubelet_volume_stats_available_bytes / kubelet_volume_stats_capacity_bytes)`,
  watchdog: 'count(slo:budget:ratio)',
  'prometheus-unreachable': 'vector(1)'
}
