/**
 * What an on-call engineer is promised of every alert. Written by hand: tests compare the rules
 * with it, and drills the pages. Values read from alert-rules/ would promise its mistakes too.
 */
export interface ExpectedAlert {
  title: string
  severity: 'critical' | 'warning' | 'none'
  /** Absent where one rule watches several services: an alert has the service of its series. */
  service?: 'frontend' | 'backend' | 'mongodb' | 'ingress' | 'platform' | 'alerting'
  receiver: 'pagerduty' | 'heartbeat'
  muted: 'never' | 'planned-work'
  /** The comparison that must hold, and for how long. */
  fires: string
  for: string
  /** State of the alert without data, and when its query fails. */
  unknown: 'OK' | 'Alerting'
  runbook: string
  /** Dashboard and panel that a page links to. */
  panel: string
  summary: string
  impact: string
}

/** By the uid of the rule. */
export const EXPECTED_ALERTS: Record<string, ExpectedAlert> = {
  'frontend-down': {
    title: 'Frontend down',
    severity: 'critical',
    service: 'frontend',
    receiver: 'pagerduty',
    muted: 'never',
    fires: '< 1',
    for: '1m',
    unknown: 'OK',
    runbook: 'frontend-down.md',
    panel: 'guestbook-overview/1',
    summary: 'No frontend answers',
    impact: 'Visitors get the ingress\'s error page and can neither read nor post.'
  },
  'backend-down': {
    title: 'Backend down',
    severity: 'critical',
    service: 'backend',
    receiver: 'pagerduty',
    muted: 'never',
    fires: '< 1',
    for: '1m',
    unknown: 'OK',
    runbook: 'backend-down.md',
    panel: 'guestbook-overview/1',
    summary: 'No backend answers',
    impact: 'Visitors see the last good messages marked "as of" and cannot post; the API does not ' +
      'answer.'
  },
  'frontend-errors': {
    title: 'Frontend fails',
    severity: 'critical',
    service: 'frontend',
    receiver: 'pagerduty',
    muted: 'never',
    fires: '> 0.05',
    for: '2m',
    unknown: 'OK',
    runbook: 'frontend-errors.md',
    panel: 'guestbook-overview/11',
    summary: 'More than one in twenty answers of the frontend is an error',
    impact: 'Visitors get error pages, or their posts back with a 503.'
  },
  'backend-errors': {
    title: 'Backend fails',
    severity: 'critical',
    service: 'backend',
    receiver: 'pagerduty',
    muted: 'never',
    fires: '> 0.05',
    for: '2m',
    unknown: 'OK',
    runbook: 'backend-errors.md',
    panel: 'guestbook-overview/21',
    summary: 'More than one in twenty answers of the backend is an error',
    impact: 'Posts fail and pages show messages "as of" an earlier time.'
  },
  'frontend-latency': {
    title: 'Frontend slow',
    severity: 'critical',
    service: 'frontend',
    receiver: 'pagerduty',
    muted: 'never',
    fires: '> 0.5',
    for: '5m',
    unknown: 'OK',
    runbook: 'frontend-latency.md',
    panel: 'guestbook-overview/12',
    summary: 'One in twenty answers of the frontend takes longer than half a second',
    impact: 'Pages open and posts are taken slowly.'
  },
  'backend-latency': {
    title: 'Backend slow',
    severity: 'critical',
    service: 'backend',
    receiver: 'pagerduty',
    muted: 'never',
    fires: '> 0.5',
    for: '5m',
    unknown: 'OK',
    runbook: 'backend-latency.md',
    panel: 'guestbook-overview/22',
    summary: 'One in twenty answers of the backend takes longer than half a second',
    impact: 'Pages and API calls wait for it.'
  },
  'slo-burn-fast': {
    title: 'SLO burn fast',
    severity: 'critical',
    receiver: 'pagerduty',
    muted: 'never',
    fires: '> 14.4',
    for: '2m',
    unknown: 'OK',
    runbook: 'slo-burn-fast.md',
    panel: 'guestbook-slo/2',
    summary: 'The error budget of {{ $labels.slo }} burns 14.4 times too fast',
    impact: 'Fast burn: within 1h it uses up 2 % of what may go wrong in 30d.'
  },
  'slo-burn-slow': {
    title: 'SLO burn slow',
    severity: 'critical',
    receiver: 'pagerduty',
    muted: 'never',
    fires: '> 6',
    for: '15m',
    unknown: 'OK',
    runbook: 'slo-burn-slow.md',
    panel: 'guestbook-slo/3',
    summary: 'The error budget of {{ $labels.slo }} burns 6 times too fast',
    impact: 'Slow burn: within 6h it uses up 5 % of what may go wrong in 30d.'
  },
  'slo-burn-creeping': {
    title: 'SLO burn creeping',
    severity: 'warning',
    receiver: 'pagerduty',
    muted: 'planned-work',
    fires: '> 3',
    for: '1h',
    unknown: 'OK',
    runbook: 'slo-burn-creeping.md',
    panel: 'guestbook-slo/4',
    summary: 'The error budget of {{ $labels.slo }} burns 3 times too fast',
    impact: 'Creeping burn: within 1d it uses up 10 % of what may go wrong in 30d.'
  },
  'slo-burn-lasting': {
    title: 'SLO burn lasting',
    severity: 'warning',
    receiver: 'pagerduty',
    muted: 'planned-work',
    fires: '> 1',
    for: '3h',
    unknown: 'OK',
    runbook: 'slo-burn-lasting.md',
    panel: 'guestbook-slo/5',
    summary: 'The error budget of {{ $labels.slo }} burns 1 times too fast',
    impact: 'Lasting burn: within 3d it uses up 10 % of what may go wrong in 30d.'
  },
  'store-unavailable': {
    title: 'Store unavailable',
    severity: 'critical',
    service: 'backend',
    receiver: 'pagerduty',
    muted: 'never',
    fires: '> 0.5',
    for: '2m',
    unknown: 'OK',
    runbook: 'store-unavailable.md',
    panel: 'guestbook-mongodb/4',
    summary: 'The backend cannot use its store',
    impact: 'Posts are refused with 503 and pages show messages "as of" an earlier time.'
  },
  'mongodb-down': {
    title: 'MongoDB down',
    severity: 'critical',
    service: 'mongodb',
    receiver: 'pagerduty',
    muted: 'never',
    fires: '< 1',
    for: '1m',
    unknown: 'OK',
    runbook: 'mongodb-down.md',
    panel: 'guestbook-mongodb/1',
    summary: 'No member of MongoDB answers',
    impact: 'Posts are refused with 503 and pages show messages "as of" an earlier time.'
  },
  'mongodb-connections': {
    title: 'MongoDB short of connections',
    severity: 'warning',
    service: 'mongodb',
    receiver: 'pagerduty',
    muted: 'planned-work',
    fires: '> 0.8',
    for: '10m',
    unknown: 'OK',
    runbook: 'mongodb-connections.md',
    panel: 'guestbook-mongodb/2',
    summary: 'MongoDB has used four fifths of its connections',
    impact: 'Nothing yet; when they are used up, requests to the store fail.'
  },
  'mongodb-backup-overdue': {
    title: 'MongoDB backup overdue',
    severity: 'warning',
    service: 'mongodb',
    receiver: 'pagerduty',
    muted: 'planned-work',
    fires: '> 100800',
    for: '5m',
    unknown: 'OK',
    runbook: 'mongodb-backup-overdue.md',
    panel: 'guestbook-mongodb/5',
    summary: 'The last good backup of MongoDB is older than 28 hours',
    impact: 'Nothing yet; if the volume were lost now, messages of more than a day would be lost ' +
      'with it.'
  },
  'visitor-probe-failing': {
    title: 'Visitors cannot open the page',
    severity: 'critical',
    service: 'ingress',
    receiver: 'pagerduty',
    muted: 'never',
    fires: '< 1',
    for: '2m',
    unknown: 'OK',
    runbook: 'visitor-probe-failing.md',
    panel: 'guestbook-overview/2',
    summary: 'The page does not open from outside',
    impact: 'Visitors cannot reach the guestbook, whatever its services say of themselves.'
  },
  'visitor-probe-slow': {
    title: 'Visitors wait for the page',
    severity: 'warning',
    service: 'ingress',
    receiver: 'pagerduty',
    muted: 'planned-work',
    fires: '> 1',
    for: '5m',
    unknown: 'OK',
    runbook: 'visitor-probe-slow.md',
    panel: 'guestbook-overview/2',
    summary: 'The page takes more than a second from outside',
    impact: 'Visitors wait.'
  },
  'scrape-target-down': {
    title: 'Scrape target down',
    severity: 'warning',
    service: 'platform',
    receiver: 'pagerduty',
    muted: 'planned-work',
    fires: '> 0',
    for: '10m',
    unknown: 'OK',
    runbook: 'scrape-target-down.md',
    panel: 'guestbook-overview/1',
    summary: 'A target of {{ $labels.job }} does not answer Prometheus',
    impact: 'Fewer replicas carry the load, and what the target would tell is missing from alerts ' +
      'and dashboards.'
  },
  'pod-crash-looping': {
    title: 'Pod crash looping',
    severity: 'warning',
    service: 'platform',
    receiver: 'pagerduty',
    muted: 'planned-work',
    fires: '> 0',
    for: '5m',
    unknown: 'OK',
    runbook: 'pod-crash-looping.md',
    panel: 'guestbook-overview/40',
    summary: '{{ $labels.container }} of {{ $labels.namespace }}/{{ $labels.pod }} crashes again ' +
      'and again',
    impact: 'Fewer replicas carry the load; with the last one the service is down.'
  },
  'volume-filling': {
    title: 'Volume filling',
    severity: 'warning',
    service: 'platform',
    receiver: 'pagerduty',
    muted: 'planned-work',
    fires: '< 0.15',
    for: '15m',
    unknown: 'OK',
    runbook: 'volume-filling.md',
    panel: 'guestbook-overview/41',
    summary: 'The volume {{ $labels.namespace }}/{{ $labels.persistentvolumeclaim }} has less than ' +
      '15 % left',
    impact: 'Nothing yet; on a full volume posts, metrics or logs are refused.'
  },
  watchdog: {
    title: 'Watchdog',
    severity: 'none',
    service: 'alerting',
    receiver: 'heartbeat',
    muted: 'never',
    fires: '> 0',
    for: '0s',
    unknown: 'OK',
    runbook: 'watchdog.md',
    panel: 'guestbook-overview/42',
    summary: 'Alerting works',
    impact: 'None. When this stops, nobody would be paged for anything.'
  },
  'prometheus-unreachable': {
    title: 'Prometheus unreachable',
    severity: 'critical',
    service: 'alerting',
    receiver: 'pagerduty',
    muted: 'never',
    fires: '< 1',
    for: '5m',
    unknown: 'Alerting',
    runbook: 'prometheus-unreachable.md',
    panel: 'guestbook-overview/42',
    summary: 'Grafana gets no answer from Prometheus',
    impact: 'No alert on metrics can fire; visitors may suffer without anybody being paged.'
  }
}
