/** Which page belongs to a rule, and whether it says what expected-alerts.yml promises. */
import { EXPECTED_ALERTS } from './expected-alerts.ts'
import type { Rule } from '../../alert-rules/generator/provisioning.ts'
import type { ExpectedPage } from './drills.ts'
import type { Addresses, Engine } from './engine.ts'
import { HEARTBEAT_PAGE } from './heartbeat.ts'
import type { PagerDutyEvent } from './pagerduty.ts'

/** Whether the rule is the watchdog, whose absence pages by another way. */
export const isHeartbeat = ({ uid }: Pick<Rule, 'uid'>): boolean =>
  EXPECTED_ALERTS[uid]!.delivery.receiver === 'heartbeat'

const escaped = (text: string): string => text.replaceAll(/[^\w\s]/g, '\\$&')

/** The summary of an alert whose series say what stands in braces, or of several at once. */
function summaryPattern (title: string, template: string): RegExp {
  const parts = template.split(/\{\{.*?\}\}/).map(escaped)
  const several = parts.length > 1 ? `|${escaped(title)}: \\d+ at once` : ''
  return new RegExp(`^(${parts.join('[^{}<>]+')}${several})$`)
}

/** Names of the parts of a page that are not as promised to the engineer on call. */
export function pageProblems (
  uid: string,
  { payload, client_url: clientUrl, dedup_key: dedupKey }: PagerDutyEvent,
  { runbooks, grafana }: Pick<Addresses, 'runbooks' | 'grafana'>,
  { hasDetails }: Pick<Engine, 'hasDetails'>
): string[] {
  const { title, labels, links, summary, impact } = EXPECTED_ALERTS[uid]!
  const details = JSON.stringify(payload?.custom_details ?? {})
  const service = labels.service ?? payload?.component
  const logs = ['frontend', 'backend'].includes(service!) ? `?var-service=${service}` : ''
  const panel = `${grafana}/d/${links.dashboard}?`
  const holds = {
    severity: payload?.severity === labels.severity,
    class: payload?.class === title,
    component: Boolean(service) && payload?.component === service,
    summary: summaryPattern(title, summary).test(payload?.summary ?? ''),
    'dedup key': Boolean(dedupKey),
    'runbook link': clientUrl === `${runbooks}/${links.runbook}`,
    impact: details.includes(JSON.stringify(impact).slice(1, -1)),
    'dashboard link': new RegExp(`${escaped(panel)}[^"]*viewPanel=${links.panel}(?!\\d)`).test(
      details
    ),
    // Grafana before 10 knows no details of one's own.
    'logs link': !hasDetails || details.includes(`"logs":"${grafana}/d/guestbook-logs${logs}"`)
  }
  return Object.entries(holds)
    .filter(([, holds]) => !holds)
    .map(([what]) => what)
}

/** Whether an event opens an incident of this rule, for the objective that is expected if it names one. */
export function isPageOf (
  rule: Pick<Rule, 'uid'>,
  { slo }: ExpectedPage
): (event: PagerDutyEvent) => boolean {
  const {
    title,
    labels: { service }
  } = EXPECTED_ALERTS[rule.uid]!
  const wanted = isHeartbeat(rule) ? HEARTBEAT_PAGE : title
  return ({ event_action: action, payload }) =>
    action === 'trigger' &&
    payload?.class === wanted &&
    (!service || payload.component === service) &&
    (!slo || payload.summary.includes(slo))
}
