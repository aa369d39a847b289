/** Divides every duration of the rules by one factor. */
import { seconds } from '../../alert-rules/generator/duration.ts'
import type { AlertingFile, Route } from '../../alert-rules/generator/provisioning.ts'

/** By default five minutes become 2.5 s. */
export const FACTOR = Number(process.env.DRILL_FACTOR ?? 120)

/** No shorter than `least` seconds. */
export const scaled = (duration: string, least = 0.5): string =>
  `${Math.round(Math.max(seconds(duration) / FACTOR, least) * 1000)}ms`

/** Ranges and offsets of a query; names of recorded series stay as they are. */
export const scaleQuery = (expr: string): string => expr.replaceAll(
  /\[(\w+)(:\w+)?\]/g,
  (_all, range: string, step?: string) =>
      `[${scaled(range)}${step ? `:${scaled(step.slice(1))}` : ''}]`
)

function scaleRoute (route: Route): Route {
  const times = (['group_wait', 'group_interval', 'repeat_interval'] as const)
    .flatMap(name => route[name] === undefined ? [] : [[name, scaled(route[name], 1)]])
  return {
    ...route,
    ...Object.fromEntries(times),
    ...(route.routes && { routes: route.routes.map(scaleRoute) })
  }
}

/** Grafana only accepts multiples of its evaluation interval. */
const onGrid = (interval: string, grid: number): string =>
  `${Math.max(Math.round(seconds(interval) / FACTOR / grid), 1) * grid}s`

/** `grid`: the engine's evaluation interval in seconds. */
export function scaleFile (file: AlertingFile, grid: number): AlertingFile {
  return {
    ...file,
    ...(file.policies && { policies: file.policies.map(scaleRoute) }),
    ...(file.groups && {
      groups: file.groups.map(group => ({
        ...group,
        interval: onGrid(group.interval, grid),
        rules: group.rules.map(rule => ({
          ...rule,
          for: scaled(rule.for, 0),
          data: rule.data.map(query =>
            query.model.expr === undefined
              ? query
              : { ...query, model: { ...query.model, expr: scaleQuery(query.model.expr) } }
          )
        }))
      }))
    })
  }
}
