/** docs/reference/alerts.md. */
import type { AlertGroup } from './rules.ts'

/** `{{ $labels.job }}` of a message, as a reader of the table sees it. */
const plain = (text: string) => text.replaceAll(/\{\{ \$labels\.(\w+) \}\}/g, '*$1*').trim()

export const alertsDocument = (groups: AlertGroup[]): string => `# Alerts

Critical alerts page at once, warnings open a ticket, *none* is the heartbeat. Each alert links its
runbook. [On call](../operate/oncall.md) lists the routes.

<!-- Generated from alert-rules/rules.yml and alert-rules/slo.yml by \`make slo\`. -->

| alert | severity | fires after | meaning |
|---|---|---|---|
${groups.flatMap(({ rules }) => rules).map(rule =>
  `| [${rule.title}](../../alert-rules/runbooks/${rule.runbook ?? `${rule.uid}.md`}) ` +
  `| ${rule.severity} | ${rule.for} | ${plain(rule.summary)} |`).join('\n')}
`
