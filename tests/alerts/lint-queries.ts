/** Problems of a PromQL expression: syntax, unknown names, windows beyond the retention. */
import { seconds } from '../../alert-rules/generator/duration.ts'
import type { Inventory, Values } from './inventory.ts'
import { namesIn, type Matcher } from './promql.ts'

/** Labels with few values, by which a rule may group its alert instances. */
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
  // Every member of a plain list must exist. Another pattern needs one match.
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
    return `le="${matcher.value}" is "${matcher.value}.0" in Prometheus 3: choose a fraction`
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
      : [`there is no metric ${metric || 'without a name'}`]
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

/** Labels with many values by which an expression groups. Each group can page. */
export const unboundedGroupings = (expr: string): string[] =>
  namesIn(expr).groupings.filter(label => !BOUNDED.includes(label) && label !== 'le')
