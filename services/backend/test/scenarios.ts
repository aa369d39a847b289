import { beforeAll, test } from '@jest/globals'

const TIMEOUT_MS = 60_000

/**
 * Tests that mostly wait, run at the same time: their results are told one by one. What they clean
 * up lasts until all are over.
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
  /** Begins when the outage has, and ends before it does. */
  meanwhile: () => Promise<void>
  /** Begins when the outage is over. */
  afterwards?: () => Promise<void>
}

export interface Outage {
  begin: () => Promise<void>
  end: () => Promise<void>
}

/** Tests that go through one outage together: each prepares its own scenario before. */
export function outageTests (
  { begin, end }: Outage, tests: Record<string, () => Promise<Scenario>>
): void {
  const count = Object.keys(tests).length
  const begun = meetingOf(count, begin)
  const over = meetingOf(count, end)
  const through = async (prepare: () => Promise<Scenario>) => {
    // Who fails leaves, so that the others need not wait.
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
  /** Resolves once all who did not leave are there, and what they wait for is done. */
  meet: () => Promise<void>
  leave: () => void
}

function meetingOf (count: number, then: () => Promise<void>): Meeting {
  const { promise, resolve } = Promise.withResolvers<void>()
  const result = promise.then(then)
  result.catch(() => {}) // told to those who meet
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
