import { stat, timeseries, type Dashboard } from './panels.ts'

/** Rate, errors and duration of a service. */
function redPanels (service: 'frontend' | 'backend', firstId: number): Dashboard['panels'] {
  const job = `job="guestbook-${service}"`
  const slo = `slo="${service}-availability"`
  const quantile = (q: number) =>
    `histogram_quantile(${q}, sum by (le) (rate(http_request_duration_seconds_bucket{${job}}[5m])))`
  return [
    timeseries(firstId, `${service}: requests per second`, {
      '{{method}} {{route}}': `sum by (method, route) (rate(http_requests_total{${job}}[5m]))`
    }, { width: 8, unit: 'reqps' }),
    timeseries(firstId + 1, `${service}: 5xx responses`, {
      'of all':
        `slo:bad_requests:increase5m{${slo}} / clamp_min(slo:requests:increase5m{${slo}}, 1)`
    }, { width: 8, unit: 'percentunit', thresholds: { warning: 0.01, critical: 0.05 } }),
    timeseries(firstId + 2, `${service}: duration`, {
      p50: quantile(0.5),
      p95: quantile(0.95),
      p99: quantile(0.99)
    }, {
      description: 'A dot is an exemplar. It opens the trace of one request.',
      width: 8,
      unit: 's',
      exemplars: 'p99'
    })
  ]
}

export const overview: Dashboard = {
  uid: 'guestbook-overview',
  title: 'Guestbook overview',
  description: 'Traffic, errors and latency of each service, and the resources of its processes.',
  panels: [
    stat(1, 'Replicas up', {
      '{{job}}': 'sum by (job) (up{job=~"guestbook-(frontend|backend|mongodb)"})'
    }, { width: 6, height: 5 }),
    stat(2, 'Page load time from outside', {
      '{{instance}}': 'probe_duration_seconds{job="blackbox"}'
    }, {
      description: 'Measured by the blackbox exporter through the ingress.',
      width: 6,
      height: 5,
      unit: 's'
    }),
    timeseries(3, 'Messages per minute', {
      '{{status}}': 'sum by (status) (rate(guestbook_messages_total[5m])) * 60'
    }, { width: 12, height: 5 }),
    ...redPanels('frontend', 10),
    ...redPanels('backend', 20),
    timeseries(30, 'Event loop delay, p99', {
      '{{job}}': 'max by (job) (nodejs_eventloop_lag_p99_seconds{job=~"guestbook-.*"})'
    }, { width: 6, unit: 's', thresholds: { warning: 0.2, critical: 1 } }),
    timeseries(31, 'Memory', {
      '{{job}}': 'max by (job) (process_resident_memory_bytes{job=~"guestbook-.*"})'
    }, { width: 6, unit: 'bytes' }),
    timeseries(32, 'CPU cores in use', {
      '{{job}}': 'sum by (job) (rate(process_cpu_seconds_total{job=~"guestbook-.*"}[5m]))'
    }, { width: 6 }),
    timeseries(33, 'Injected faults', {
      '{{job}} {{fault}}': 'max by (job, fault) (guestbook_fault_active)'
    }, { width: 6 }),
    timeseries(40, 'Containers in CrashLoopBackOff', {
      '{{namespace}}/{{container}}':
        'sum by (namespace, container) ' +
        '(kube_pod_container_status_waiting_reason{reason="CrashLoopBackOff"})'
    }, { width: 8 }),
    timeseries(41, 'Free space on volumes', {
      '{{namespace}}/{{persistentvolumeclaim}}':
        'min by (namespace, persistentvolumeclaim) ' +
        '(kubelet_volume_stats_available_bytes / kubelet_volume_stats_capacity_bytes)'
    }, { width: 8, unit: 'percentunit' }),
    stat(42, 'Recorded objectives', {
      objectives: 'count(slo:budget:ratio)'
    }, { description: 'Objectives whose recording rules Prometheus evaluates.', width: 8 })
  ]
}
