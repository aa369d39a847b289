import type { Component } from '../src/components.ts'

export interface EndOfLife {
  readonly component: Component
  /** Days until the last day with fixes; negative after it. */
  readonly days: number
}

const DAY_MS = 86_400_000

/** Components that reach their end of life within so many days, the most urgent first. */
export function nearEndOfLife (
  components: readonly Component[], today: Date, within: number
): EndOfLife[] {
  return components
    .filter(({ endOfLife }) => endOfLife !== null)
    .map(component => ({
      component,
      days: Math.ceil((Date.parse(component.endOfLife!) - today.getTime()) / DAY_MS)
    }))
    .filter(({ days }) => days <= within)
    .sort((a, b) => a.days - b.days)
}

/** One line: the date, and the successor. */
export function describeEndOfLife ({ component, days }: EndOfLife): string {
  const { name, version, endOfLife, successor } = component
  const when = days < 0 ? `ended on ${endOfLife}` : `ends on ${endOfLife}, in ${days} days`
  return `${name} ${version} ${when}. ${successor ?? 'components.json names no successor.'}`
}
