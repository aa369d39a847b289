/** What can be wrong in a PromQL expression: its grammar, names that nobody exports, windows longer than the retention. */
import { seconds } from '../../alert-rules/generator/duration.ts'
import type { Inventory, Values } from './inventory.ts'
import { namesIn, type Matcher } from './promql.ts'

/** Labels by which an instance of an alert may be told apart: each has few values. */
const BOUNDED = [
  'job',
  'instance',
  'service',
  'slo',
  'namespace',
  'pod',
  'container',
  'persistentvolumeclaim',
  'cronjob'
]

function matches ({ operator, value }: Matcher, values: Set<string>): boolean {
  if (!operator.includes('~')) return values.has(value)
  // Of a plain list every member must exist, of any other pattern one match must.
  if (/^[\w|-]+$/.test(value)) return value.split('|').every(one => values.has(one))
  return [...values].some(one => new RegExp(`^(?:${value})$`).test(one))
}

function matcherProblem (
  metric: string,
  matcher: Matcher,
  labels: Map<string, Values>
): string | undefined {
  const values = labels.get(matcher.name)
  if (values === undefined) return `${metric} has no label ${matcher.name}`
  if (matcher.name === 'le' && Number.isInteger(Number(matcher.value))) {
    return `le="${matcher.value}" is written "${matcher.value}.0" by Prometheus 3; choose a bound that is no whole number`
  }
  if (values !== 'any' && !matches(matcher, values)) {
    return `${metric} never has ${matcher.name}${matcher.operator}"${matcher.value}"`
  }
  return undefined
}

export function lintQuery (expr: string, inventory: Inventory, retention: string): string[] {
  const { selectors, groupings, windows, errors } = namesIn(expr)
  if (errors.length > 0) return errors
  const problems = selectors.flatMap(({ metric, matchers }) => {
    const labels = inventory.get(metric)
    return labels
      ? matchers.flatMap(matcher => matcherProblem(metric, matcher, labels) ?? [])
      : [`nobody exports ${metric || 'a series without a name'}`]
  })
  const known = new Set(selectors.flatMap(({ metric }) => [...inventory.get(metric)?.keys() ?? []]))
  return [
    ...problems,
    ...groupings
      .filter(label => !known.has(label))
      .map(label => `no metric of the expression has the label ${label}`),
    ...windows
      .filter(window => seconds(window) > seconds(retention))
      .map(window => `the window ${window} is longer than the retention of ${retention}`)
  ]
}

/** Groupings of a rule make instances, each of which can page. */
export const unboundedGroupings = (expr: string): string[] =>
  namesIn(expr).groupings.filter(label => !BOUNDED.includes(label) && label !== 'le')
