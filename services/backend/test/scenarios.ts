import { beforeAll, test } from '@jest/globals'

const TIMEOUT_MS = 60_000

/**
 * Runs tests that mostly wait concurrently, and reports each result. Their clean-up
 * runs after all of them.
 */
export function concurrentTests (tests: Record<string, () => Promise<void>>): void {
  let outcomes: Array<PromiseSettledResult<void>> = []
  beforeAll(async () => {
    outcomes = await Promise.allSettled(Object.values(tests).map(async work => { await work() }))
  }, TIMEOUT_MS)
  for (const [index, title] of Object.keys(tests).entries()) {
    test(title, () => {
      const outcome = outcomes[index]!
      if (outcome.status === 'rejected') throw outcome.reason
    })
  }
}

export interface Scenario {
  /** Runs during the outage. */
  meanwhile: () => Promise<void>
  /** Runs after the outage. */
  afterwards?: () => Promise<void>
}

export interface Outage {
  begin: () => Promise<void>
  end: () => Promise<void>
}

/** Tests that share one outage; each prepares its scenario before. */
export function outageTests (
  { begin, end }: Outage, tests: Record<string, () => Promise<Scenario>>
): void {
  const count = Object.keys(tests).length
  const begun = meetingOf(count, begin)
  const over = meetingOf(count, end)
  const through = async (prepare: () => Promise<Scenario>) => {
    // A failed scenario leaves, so that the others do not wait for it.
    const leave: Array<() => void> = [begun.leave, over.leave]
    const meet = async (meeting: Meeting) => { leave.shift(); await meeting.meet() }
    try {
      const { meanwhile, afterwards } = await prepare()
      await meet(begun)
      await meanwhile()
      await meet(over)
      await afterwards?.()
    } finally {
      for (const done of leave) done()
    }
  }
  concurrentTests(Object.fromEntries(Object.entries(tests)
    .map(([title, prepare]) => [title, async () => { await through(prepare) }])))
}

interface Meeting {
  /** Resolves once all remaining scenarios have arrived and `then` is done. */
  meet: () => Promise<void>
  leave: () => void
}

function meetingOf (count: number, then: () => Promise<void>): Meeting {
  const { promise, resolve } = Promise.withResolvers<void>()
  const result = promise.then(then)
  result.catch(() => {}) // handled by the scenarios
  let missing = count
  const leave = () => { if (--missing === 0) resolve() }
  return {
    leave,
    meet: async () => {
      leave()
      await result
    }
  }
}
