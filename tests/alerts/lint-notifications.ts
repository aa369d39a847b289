/** Problems of a file of notifications. */
import { deliveriesOf } from './routing.ts'
import type { AlertingFile, Route, Rule } from '../../alert-rules/generator/provisioning.ts'

/** Environment variables of Grafana. It replaces any other name by the empty string. */
const VARIABLES = [
  'PAGERDUTY_INTEGRATION_KEY',
  'PAGERDUTY_URL',
  'HEARTBEAT_URL',
  'RUNBOOK_BASE_URL',
  'GRAFANA_URL'
]

const withChildren = (route: Route): Route[] => [
  route,
  ...(route.routes ?? []).flatMap(withChildren)
]
const texts = (value: unknown): string[] =>
  typeof value === 'string'
    ? [value]
    : value && typeof value === 'object'
      ? Object.values(value).flatMap(texts)
      : []

const receiverOf = ({ labels }: Pick<Rule, 'labels'>, root: Route): string =>
  deliveriesOf(labels, root)[0]!.receiver

export function lintNotifications (files: Record<string, AlertingFile>, rules: Rule[]): string[] {
  const all = Object.values(files)
  const points = all.flatMap(({ contactPoints = [] }) => contactPoints)
  const muteTimes = all.flatMap(({ muteTimes = [] }) => muteTimes).map(({ name }) => name)
  const templates = all
    .flatMap(({ templates = [] }) => templates)
    .map(({ template }) => template)
    .join('\n')
  const roots = all.flatMap(({ policies = [] }) => policies)
  const routes = roots.flatMap(withChildren)
  const settings = points.flatMap(({ name, receivers }) =>
    receivers.flatMap(({ settings }) => texts(settings)).map(text => ({ name, text }))
  )
  const known = points.map(({ name }) => name)
  const [root] = roots
  return [
    ...(roots.length === 1
      ? []
      : [`there must be one policy, because another would replace it: ${roots.length} policies`]),
    ...(root?.object_matchers || root?.mute_time_intervals
      ? ['the root policy can neither match nor mute']
      : []),
    ...routes
      .filter(({ receiver }) => !known.includes(receiver))
      .map(({ receiver }) => `a policy names the receiver ${receiver}, which does not exist`),
    ...routes
      .flatMap(({ mute_time_intervals: names = [] }) => names)
      .filter(name => !muteTimes.includes(name))
      .map(name => `a policy names the mute timing ${name}, which does not exist`),
    ...settings.flatMap(({ name, text }) =>
      [...text.replaceAll('$$', '').matchAll(/\$\{?(\w*)/g)]
        .map(([, variable]) => variable!)
        .filter(variable => !VARIABLES.includes(variable))
        .map(
          variable =>
            `${name}: $${variable} is not an environment variable of Grafana; $$ is a literal $`
        )
    ),
    ...settings.flatMap(({ name, text }) =>
      [...text.matchAll(/template "([^"]+)"/g)]
        .map(([, template]) => template!)
        .filter(template => !templates.includes(`define "${template}"`))
        .map(template => `${name}: the template ${template} does not exist`)
    ),
    ...(root && known.includes('heartbeat')
      ? rules
        .filter(
          ({ labels = {} }) =>
            (labels.heartbeat === 'true') !== (receiverOf({ labels }, root) === 'heartbeat')
        )
        .map(({ uid }) => `${uid}: only the watchdog goes to the heartbeat receiver`)
      : [])
  ]
}
