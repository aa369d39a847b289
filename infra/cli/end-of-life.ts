import type { Component } from '../src/components.ts'

export interface EndOfLife {
  readonly component: Component
  /** Days until its last day; negative when that is over. */
  readonly days: number
}

const DAY_MS = 86_400_000

/** Components whose makers stop mending them within so many days, the most urgent first. */
export function nearEndOfLife (components: readonly Component[], today: Date, within: number): EndOfLife[] {
  return components
    .flatMap(component =>
      component.endOfLife
        ? [
            {
              component,
              days: Math.ceil((Date.parse(component.endOfLife) - today.getTime()) / DAY_MS)
            }
          ]
        : []
    )
    .filter(({ days }) => days <= within)
    .sort((a, b) => a.days - b.days)
}

/** One line for one ending: when, and what to move to. */
export function describeEndOfLife ({
  component: { name, version, endOfLife, successor },
  days
}: EndOfLife): string {
  const when = days < 0 ? `ended on ${endOfLife}` : `ends on ${endOfLife}, in ${days} days`
  return `${name} ${version} ${when}. ${successor ?? 'No successor is named in components.json.'}`
}
