/** The notification policies that Grafana applies to an alert. */
import type { Route } from '../../alert-rules/generator/provisioning.ts'

/** A policy with inherited settings. Mute timings are not inherited. */
export type Delivery = Pick<
  Route,
  | 'receiver'
  | 'group_by'
  | 'group_wait'
  | 'group_interval'
  | 'repeat_interval'
  | 'mute_time_intervals'
>

function matches (
  { object_matchers: matchers = [] }: Route,
  labels: Record<string, string>
): boolean {
  return matchers.every(([name, operator, value]) => {
    const actual = labels[name] ?? ''
    const equal = operator.includes('~')
      ? new RegExp(`^(?:${value})$`).test(actual)
      : actual === value
    return operator.startsWith('!') ? !equal : equal
  })
}

/** Every delivery of an alert with these labels: one, unless a policy says `continue`. */
export function deliveriesOf (labels: Record<string, string>, policy: Route): Delivery[] {
  const {
    routes = [],
    object_matchers: _,
    mute_time_intervals: muted = [],
    continue: __,
    ...own
  } = policy
  const fitting = routes.filter(route => matches(route, labels))
  const last = fitting.findIndex(route => !route.continue)
  const taken = last < 0 ? fitting : fitting.slice(0, last + 1)
  const { orgId: ___, ...inherited } = own
  if (taken.length === 0) return [{ ...inherited, mute_time_intervals: muted }]
  return taken.flatMap(route => deliveriesOf(labels, { ...inherited, ...route }))
}
