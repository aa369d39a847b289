/** The alert rules in the format of Prometheus, for promtool and for drills without a Grafana. */
import { conditionOf, type Rule, type RuleGroup } from './provisioning.ts'

const OPERATORS = { gt: '>', lt: '<' } as const

function toPrometheus (rule: Rule) {
  const { expr, type, threshold } = conditionOf(rule)
  const { uid, title, labels, annotations, for: pending, dashboardUid, panelId } = rule
  const shown = Object.fromEntries(
    Object.entries(annotations).filter(([name]) => !name.startsWith('__'))
  )
  return {
    alert: title,
    expr: `(${expr}) ${OPERATORS[type]} ${threshold}`,
    for: pending,
    labels: { ...labels, uid },
    annotations: { ...shown, dashboard: `/d/${dashboardUid}?viewPanel=${panelId}` }
  }
}

/** @param wanted excludes the rules that only Grafana can evaluate */
export const prometheusGroups = (
  groups: RuleGroup[],
  wanted: (rule: Rule) => boolean = () => true
) => ({
  groups: groups.map(({ name, interval, rules }) => ({
    name,
    interval,
    rules: rules.filter(wanted).map(toPrometheus)
  }))
})
