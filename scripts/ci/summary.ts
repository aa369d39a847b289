/** The table at the end of `make ci`. */
export type Outcome = 'passed' | 'FAILED' | 'not run' | 'skipped' | 'on GitHub' | 'not reached'

export interface StepResult {
  /** Job, after its caller if any: `backend-deploy / check`. */
  readonly job: string
  readonly step: string
  readonly outcome: Outcome
  /** Why it did not run. */
  readonly why?: string
  readonly seconds?: number
}

export function printSummary (title: string, results: StepResult[]): void {
  const width = Math.max(...results.map(({ step }) => step.length), 4)
  console.log(`\n${title}`)
  let job = ''
  for (const result of results) {
    if (result.job !== job) console.log(`\n  ${job = result.job}`)
    const seconds = result.seconds === undefined ? '' : `${result.seconds.toFixed(1)} s`
    const columns = [result.outcome.padEnd(11), result.step.padEnd(width), seconds.padStart(8)]
    console.log(`    ${columns.join(' ')}  ${result.why ?? ''}`.trimEnd())
  }
  const counts = Object.entries(Object.groupBy(results, ({ outcome }) => outcome)).map(
    ([outcome, those]) => `${those?.length} ${outcome}`
  )
  const total = results.reduce((sum, { seconds = 0 }) => sum + seconds, 0)
  console.log(`\n${counts.join(', ')}; ${total.toFixed(1)} s`)
}
