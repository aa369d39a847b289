/** docs/reference/slo.md. */
import type { Slo } from './slo.ts'

export const HEADER = 'Generated from alert-rules/slo.yml by `make slo`.'

export function sloDocument ({
  period,
  retention,
  minimum_bad_requests: minimum,
  objectives,
  burn_rates: rates
}: Slo): string {
  const minutes = (percent: number) =>
    Math.round((1 - percent / 100) * parseInt(period) * 24 * 60)
  return `# What visitors are promised

<!-- ${HEADER} -->

| objective | service | promise over ${period} | budget |
|---|---|---|---|
${objectives
  .map(
    ({ name, service, percent, seconds }) =>
      `| ${name} | ${service} | ${
        seconds === undefined
          ? `${percent} % of requests are not answered 5xx | ${minutes(percent)} minutes of total failure`
          : `${percent} % of answers within ${seconds * 1000} ms | ${Math.round(100 - percent)} of 100 answers`
      } |`
  )
  .join('\n')}

Somebody is told when the budget is used up too fast in a long and in a short window at once: the long one says that it
matters, the short one that it still goes on. Fewer than ${minimum} bad requests in the long window tell nobody.

| burn | times too fast | long | short | for | severity |
|---|---|---|---|---|---|
${rates.map(({ name, burn, long, short, for: pending, severity }) => `| ${name} | ${burn} | ${long} | ${short} | ${pending} | ${severity} |`).join('\n')}

The smallest profile keeps metrics for ${retention}, and no window is longer. The dashboard *Guestbook objectives and error
budgets* therefore shows how much of the budget of ${period} the last ${retention} have used.
`
}
