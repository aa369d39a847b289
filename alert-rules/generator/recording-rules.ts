/**
 * The recording rules of the objectives: for each objective and window the number of requests, of
 * bad requests, and the burn rate of the error budget.
 */
import { budget, windows, type Objective, type Slo } from './slo.ts'

interface RecordingRule { record: string, expr: string, labels: Record<string, string> }

/** Expressions for all and for bad requests within a window. */
function counts ({ service, seconds }: Objective, window: string) {
  const job = `job="guestbook-${service}"`
  const increase = (selector: string) => `sum(increase(${selector}[${window}]))`
  if (seconds === undefined) {
    return {
      requests: increase(`http_requests_total{${job}}`),
      bad: `${increase(`http_requests_total{${job},status_code=~"5.."}`)} or vector(0)`
    }
  }
  // A fast 5xx does not count as fast: the availability objective counts it.
  const answered = `${job},status_code!~"5.."`
  const requests = increase(`http_request_duration_seconds_count{${answered}}`)
  const fast = increase(`http_request_duration_seconds_bucket{${answered},le="${seconds}"}`)
  return { requests, bad: `${requests} - ${fast}` }
}

function windowRules (objective: Objective, window: string): RecordingRule[] {
  const { name: slo, service } = objective
  const labels = { slo, service }
  const { requests, bad } = counts(objective, window)
  const recorded = (metric: string) => `slo:${metric}:increase${window}{slo="${slo}"}`
  // clamp_min: without requests, a division by zero would make every comparison false.
  const share = `${recorded('bad_requests')} / clamp_min(${recorded('requests')}, 1)`
  return [
    { record: `slo:requests:increase${window}`, labels, expr: requests },
    { record: `slo:bad_requests:increase${window}`, labels, expr: bad },
    { record: `slo:burn_rate${window}`, labels, expr: `${share} / ${budget(objective)}` }
  ]
}

export function recordingRules (slo: Slo) {
  const groups = slo.objectives.map(objective => {
    const labels = { slo: objective.name, service: objective.service }
    const expr = `vector(${budget(objective)})`
    const rules = windows(slo).flatMap(window => windowRules(objective, window))
    return {
      name: `slo-${objective.name}`,
      interval: '30s',
      rules: [{ record: 'slo:budget:ratio', labels, expr }, ...rules]
    }
  })
  return { groups }
}
