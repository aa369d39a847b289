import type { Dashboard, Panel } from './panels.ts'

/** Rate, errors and duration of a service. */
function redPanels (service: 'frontend' | 'backend', firstId: number): Panel[] {
  const job = `job="guestbook-${service}"`
  const quantile = (q: number) =>
    `histogram_quantile(${q}, sum by (le) (rate(http_request_duration_seconds_bucket{${job}}[5m])))`
  return [
    {
      id: firstId,
      title: `${service}: requests per second`,
      type: 'timeseries',
      width: 8,
      unit: 'reqps',
      expr: `sum by (method, route) (rate(http_requests_total{${job}}[5m]))`,
      legend: '{{method}} {{route}}'
    },
    {
      id: firstId + 1,
      title: `${service}: 5xx responses`,
      type: 'timeseries',
      width: 8,
      unit: 'percentunit',
      expr:
        `slo:bad_requests:increase5m{slo="${service}-availability"} / ` +
        `clamp_min(slo:requests:increase5m{slo="${service}-availability"}, 1)`,
      legend: 'of all',
      thresholds: { warning: 0.01, critical: 0.05 }
    },
    {
      id: firstId + 2,
      title: `${service}: duration`,
      description: 'A dot is an exemplar. It opens the trace of one request.',
      type: 'timeseries',
      width: 8,
      unit: 's',
      queries: [0.5, 0.95, 0.99].map(q => ({
        expr: quantile(q),
        legend: `p${q * 100}`,
        exemplar: q === 0.99
      }))
    }
  ]
}

export const overview: Dashboard = {
  uid: 'guestbook-overview',
  title: 'Guestbook overview',
  description: 'Traffic, errors and latency of each service, and the resources of its processes.',
  panels: [
    {
      id: 1,
      title: 'Replicas up',
      type: 'stat',
      width: 6,
      height: 5,
      expr: 'sum by (job) (up{job=~"guestbook-(frontend|backend|mongodb)"})',
      legend: '{{job}}'
    },
    {
      id: 2,
      title: 'Page load time from outside',
      description: 'Measured by the blackbox exporter through the ingress.',
      type: 'stat',
      width: 6,
      height: 5,
      unit: 's',
      expr: 'probe_duration_seconds{job="blackbox"}',
      legend: '{{instance}}'
    },
    {
      id: 3,
      title: 'Messages per minute',
      type: 'timeseries',
      width: 12,
      height: 5,
      expr: 'sum by (status) (rate(guestbook_messages_total[5m])) * 60',
      legend: '{{status}}'
    },
    ...redPanels('frontend', 10),
    ...redPanels('backend', 20),
    {
      id: 30,
      title: 'Event loop delay, p99',
      type: 'timeseries',
      width: 6,
      unit: 's',
      expr: 'max by (job) (nodejs_eventloop_lag_p99_seconds{job=~"guestbook-.*"})',
      legend: '{{job}}',
      thresholds: { warning: 0.2, critical: 1 }
    },
    {
      id: 31,
      title: 'Memory',
      type: 'timeseries',
      width: 6,
      unit: 'bytes',
      expr: 'max by (job) (process_resident_memory_bytes{job=~"guestbook-.*"})',
      legend: '{{job}}'
    },
    {
      id: 32,
      title: 'CPU cores in use',
      type: 'timeseries',
      width: 6,
      expr: 'sum by (job) (rate(process_cpu_seconds_total{job=~"guestbook-.*"}[5m]))',
      legend: '{{job}}'
    },
    {
      id: 33,
      title: 'Injected faults',
      type: 'timeseries',
      width: 6,
      expr: 'max by (job, fault) (guestbook_fault_active)',
      legend: '{{job}} {{fault}}'
    },
    {
      id: 40,
      title: 'Containers in CrashLoopBackOff',
      type: 'timeseries',
      width: 8,
      expr:
        'sum by (namespace, container) ' +
        '(kube_pod_container_status_waiting_reason{reason="CrashLoopBackOff"})',
      legend: '{{namespace}}/{{container}}'
    },
    {
      id: 41,
      title: 'Free space on volumes',
      type: 'timeseries',
      width: 8,
      unit: 'percentunit',
      expr:
        'min by (namespace, persistentvolumeclaim) ' +
        '(kubelet_volume_stats_available_bytes / kubelet_volume_stats_capacity_bytes)',
      legend: '{{namespace}}/{{persistentvolumeclaim}}'
    },
    {
      id: 42,
      title: 'Recorded objectives',
      description: 'Objectives whose recording rules Prometheus evaluates.',
      type: 'stat',
      width: 8,
      expr: 'count(slo:budget:ratio)',
      legend: 'objectives'
    }
  ]
}
