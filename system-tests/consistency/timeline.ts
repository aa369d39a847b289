import type { Moderation, Operation } from './history.ts'

/** What can be said of one message's being hidden at every time. */
export class Timeline {
  readonly actions: Moderation[]
  /** From a time on, one of these values holds. */
  readonly #states: Array<{ from: number, values: ReadonlySet<boolean> }> = [
    { from: -Infinity, values: new Set([false]) }
  ]

  constructor (actions: Moderation[] = []) {
    this.actions = actions
    const effective = actions.filter(({ outcome }) => outcome !== 'fail')
    const steps = effective.flatMap(action => [
      { at: action.invokedAt, action, isEnd: false },
      ...(action.outcome === 'ok' ? [{ at: action.completedAt, action, isEnd: true }] : [])
    ])
    for (const { at, action, isEnd } of steps.toSorted((a, b) => a.at - b.at)) {
      // The last acknowledged action stands, except against those that were under way with it.
      const isUnderWay = (other: Moderation) =>
        other.invokedAt < action.completedAt && other.completedAt > action.invokedAt
      const standing = effective.filter(other => other === action || isUnderWay(other))
      const values = isEnd
        ? new Set(standing.map(({ hidden }) => hidden))
        : new Set([...this.#states.at(-1)!.values, action.hidden])
      this.#states.push({ from: at, values })
    }
  }

  /**
   * Whether the message was hidden (or visible) all the time from the first to the last moment,
   * whatever became of unknown outcomes.
   */
  isCertainly (hidden: boolean, from: number, to: number): boolean {
    return this.#states.every(({ from: begin, values }, index) => {
      const next = this.#states[index + 1]
      const isOutside = begin > to || (next !== undefined && next.from <= from)
      return isOutside || (values.size === 1 && values.has(hidden))
    })
  }

  /** Whether an action that hides (or shows) may have taken effect between the two moments. */
  mayBecome (hidden: boolean, from: number, to: number): boolean {
    return this.actions.some(action => {
      if (action.hidden !== hidden || action.outcome === 'fail' || action.invokedAt > to) {
        return false
      }
      if (action.outcome === 'ok') return action.completedAt >= from
      return !this.actions.some(
        later =>
          later.outcome === 'ok' &&
          later.invokedAt >= action.completedAt &&
          later.completedAt < from
      )
    })
  }
}

/** Of a message that nobody hid or restored. */
export const UNTOUCHED = new Timeline()

/** By the id of the message. */
export function timelinesOf (operations: Operation[]): Map<string, Timeline> {
  const actions = new Map<string, Moderation[]>()
  for (const operation of operations) {
    if (operation.kind === 'moderation') {
      actions.set(operation.id, [...(actions.get(operation.id) ?? []), operation])
    }
  }
  return new Map([...actions].map(([id, actions]) => [id, new Timeline(actions)]))
}
