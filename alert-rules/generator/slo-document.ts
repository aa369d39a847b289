/** docs/reference/slo.md. */
import { seconds } from './duration.ts'
import type { Objective, Slo } from './slo.ts'

export function sloDocument (slo: Slo): string {
  const { period, retention, minimum_bad_requests: minimum, objectives, burn_rates: rates } = slo
  const budgetMinutes = (percent: number) => Math.round((1 - percent / 100) * seconds(period) / 60)
  const target = ({ percent, seconds: limit }: Objective) =>
    limit === undefined
      ? `${percent} % of responses are not 5xx | ${budgetMinutes(percent)} minutes of full outage`
      : `${percent} % of responses within ${limit * 1000} ms | ` +
        `${Math.round(100 - percent)} of 100 responses`
  return `# Service level objectives

<!-- Generated from alert-rules/slo.yml by \`make slo\`. -->

| objective | service | target over ${period} | error budget |
|---|---|---|---|
${objectives.map(one => `| ${one.name} | ${one.service} | ${target(one)} |`).join('\n')}

An alert fires when the error budget burns too fast in a long and in a short window at once. The
long window shows that it matters, the short one that it still goes on. Below ${minimum} bad
requests in the long window no alert fires.

| burn rate | times too fast | long | short | for | severity |
|---|---|---|---|---|---|
${rates
  .map(({ name, burn, long, short, for: pending, severity }) =>
    `| ${[name, burn, long, short, pending, severity].join(' | ')} |`)
  .join('\n')}

The smallest profile keeps metrics for ${retention}, and no window is longer. The dashboard
*Guestbook objectives and error budgets* therefore shows how much of the error budget of ${period}
the last ${retention} have used.
`
}
