/** The table expected-alerts.yml. */
import { readFileSync } from 'node:fs'
import { parse } from 'yaml'

export interface ExpectedAlert {
  title: string
  labels: { severity: 'critical' | 'warning' | 'none', service?: string, heartbeat?: 'true' }
  delivery: { receiver: string, muted: string }
  expr: string
  /** The comparison that must hold, for how long, and the state without data. */
  condition: { fires: string, for: string, unknown: string }
  links: { runbook: string, dashboard: string, panel: number }
  summary: string
  impact: string
}

/** By the uid of the rule. */
export const EXPECTED_ALERTS = parse(
  readFileSync(new URL('expected-alerts.yml', import.meta.url), 'utf8')
) as Record<string, ExpectedAlert>
