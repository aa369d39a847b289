/** The names in a PromQL expression: metrics, matched labels, groupings and windows. */
import { parser } from '@prometheus-io/lezer-promql'

export interface Matcher { name: string, operator: string, value: string }
export interface Selector { metric: string, matchers: Matcher[] }
export interface Named {
  selectors: Selector[]
  groupings: string[]
  windows: string[]
  errors: string[]
}

export function namesIn (expr: string): Named {
  const named: Named = { selectors: [], groupings: [], windows: [], errors: [] }
  const text = ({ from, to }: { from: number, to: number }) => expr.slice(from, to)
  parser.parse(expr).iterate({
    enter ({ name, node, type }) {
      if (type.isError) {
        named.errors.push(`syntax error at "${expr.slice(node.from, node.from + 20)}"`)
      }
      if (name === 'VectorSelector') {
        const metric = node.getChild('Identifier')
        const matchers = (
          node.getChild('LabelMatchers')?.getChildren('UnquotedLabelMatcher') ?? []
        ).map(matcher => ({
          name: text(matcher.getChild('LabelName')!),
          operator: text(matcher.getChild('MatchOp')!),
          value: text(matcher.getChild('StringLiteral')!).slice(1, -1)
        }))
        named.selectors.push({ metric: metric ? text(metric) : '', matchers })
      }
      if (name === 'GroupingLabels') {
        named.groupings.push(...node.getChildren('LabelName').map(text))
      }
      if (name === 'MatrixSelector' || name === 'SubqueryExpr') {
        named.windows.push(/\[(\w+)/.exec(text(node).slice(text(node).lastIndexOf('[')))![1]!)
      }
    }
  })
  return named
}
