/** Finds the page of a rule, and compares it with the rule. */
import type { Rule } from '../../alert-rules/generator/provisioning.ts'
import type { ExpectedPage } from './drills.ts'
import type { Addresses, Engine } from './engine.ts'
import { HEARTBEAT_PAGE } from './heartbeat.ts'
import type { PagerDutyEvent } from './pagerduty.ts'

/** Whether the rule is the watchdog, whose absence pages through another receiver. */
export const isHeartbeat = ({ labels }: Rule): boolean => labels.heartbeat === 'true'

const escaped = (text: string): string => text.replaceAll(/[^\w\s]/g, '\\$&')

/** The summary of one alert with its labels in place of the braces, or of several alerts. */
function summaryPattern (title: string, template: string): RegExp {
  const parts = template.split(/\{\{.*?\}\}/).map(escaped)
  const several = parts.length > 1 ? `|${escaped(title)}: \\d+ at once` : ''
  return new RegExp(`^(${parts.join('[^{}<>]+')}${several})$`)
}

/** Names of the parts of a page that differ from the rule. */
export function pageProblems (
  { title, labels, annotations, dashboardUid, panelId }: Rule,
  { payload, client_url: clientUrl, dedup_key: dedupKey }: PagerDutyEvent,
  { runbooks, grafana }: Pick<Addresses, 'runbooks' | 'grafana'>,
  { hasDetails }: Pick<Engine, 'hasDetails'>
): string[] {
  const { summary, impact, runbook } = annotations as Record<string, string>
  const details = JSON.stringify(payload?.custom_details ?? {})
  const service = labels.service ?? payload?.component
  const logs = ['frontend', 'backend'].includes(service!) ? `?var-service=${service}` : ''
  const panel = `${grafana}/d/${dashboardUid}?`
  const holds = {
    severity: payload?.severity === labels.severity,
    class: payload?.class === title,
    component: Boolean(service) && payload?.component === service,
    summary: summaryPattern(title, summary!).test(payload?.summary ?? ''),
    'dedup key': Boolean(dedupKey),
    'runbook link': clientUrl === `${runbooks}/${runbook}`,
    impact: details.includes(JSON.stringify(impact).slice(1, -1)),
    'dashboard link': new RegExp(`${escaped(panel)}[^"]*viewPanel=${panelId}(?!\\d)`).test(
      details
    ),
    // Grafana before 10 has no custom details.
    'logs link': !hasDetails || details.includes(`"logs":"${grafana}/d/guestbook-logs${logs}"`)
  }
  return Object.entries(holds).filter(([, holds]) => !holds).map(([what]) => what)
}

/** Whether an event opens an incident of this rule, for the given objective if there is one. */
export function isPageOf (rule: Rule, { slo }: ExpectedPage): (event: PagerDutyEvent) => boolean {
  const { service } = rule.labels
  const wanted = isHeartbeat(rule) ? HEARTBEAT_PAGE : rule.title
  return ({ event_action: action, payload }) =>
    action === 'trigger' &&
    payload?.class === wanted &&
    (!service || payload.component === service) &&
    (!slo || payload.summary.includes(slo))
}
