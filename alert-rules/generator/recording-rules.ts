/** Recording rules of the objectives: bad requests, all requests, and how fast the budget burns, for each window. */
import { budget, windows, type Objective, type Slo } from './slo.ts'

interface RecordingRule { record: string, expr: string, labels: Record<string, string> }

function selectors ({ service, seconds }: Objective): { all: string, bad: string } {
  const job = `job="guestbook-${service}"`
  if (seconds === undefined) {
    return {
      all: `http_requests_total{${job}}`,
      bad: `http_requests_total{${job},status_code=~"5.."}`
    }
  }
  // A fast refusal is not a fast answer; the availability objective counts it.
  const answered = `${job},status_code!~"5.."`
  return {
    all: `http_request_duration_seconds_count{${answered}}`,
    bad: `http_request_duration_seconds_bucket{${answered},le="${seconds}"}`
  }
}

function rulesOf (objective: Objective, window: string): RecordingRule[] {
  const { name: slo, service, seconds } = objective
  const labels = { slo, service }
  const { all, bad } = selectors(objective)
  const increase = (selector: string) => `sum(increase(${selector}[${window}]))`
  const of = (metric: string) => `${metric}${window}{slo="${slo}"}`
  return [
    { record: `slo:requests:increase${window}`, labels, expr: increase(all) },
    {
      record: `slo:bad_requests:increase${window}`,
      labels,
      expr:
        seconds === undefined
          ? `${increase(bad)} or vector(0)`
          : `${increase(all)} - ${increase(bad)}`
    },
    // Never divided by zero: not-a-number would be neither above nor below a threshold.
    {
      record: `slo:burn_rate${window}`,
      labels,
      expr: `${of('slo:bad_requests:increase')} / clamp_min(${of('slo:requests:increase')}, 1) / ${budget(objective)}`
    }
  ]
}

export function recordingRules (slo: Slo) {
  return {
    groups: slo.objectives.map(objective => ({
      name: `slo-${objective.name}`,
      interval: '30s',
      rules: [
        {
          record: 'slo:budget:ratio',
          labels: { slo: objective.name, service: objective.service },
          expr: `vector(${budget(objective)})`
        },
        ...windows(slo).flatMap(window => rulesOf(objective, window))
      ]
    }))
  }
}
