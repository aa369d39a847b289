/** Durations in the notation of Prometheus and Grafana: 90s, 1h30m, 7d. */

const SECONDS: Record<string, number> = { ms: 0.001, s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 }

export function seconds (duration: string): number {
  if (!/^(\d+(ms|[smhdw]))+$/.test(duration)) {
    throw new Error(`"${duration}" is not a duration such as 30s, 5m or 1h30m.`)
  }
  return [...duration.matchAll(/(\d+)(ms|[smhdw])/g)].reduce(
    (sum, [, count, unit]) => sum + Number(count) * SECONDS[unit!]!,
    0
  )
}
