/** `make required-checks`: fails unless every job that a pull request requires has passed. */
export interface NeededJob { result: string, outputs?: Record<string, string> }

/** The job whose output `triggered` says in JSON for each workflow if the change requires it. */
export const CHANGES = 'changes'

/** The required jobs that did not pass. `needs` is GitHub's context of that name in that job. */
export function failedChecks (needs: Record<string, NeededJob>): string[] {
  const { result = 'missing', outputs = {} } = needs[CHANGES] ?? {}
  if (result !== 'success') return [`${CHANGES}: ${result}, so the required jobs are unknown`]
  const triggered = JSON.parse(outputs.triggered!) as Record<string, boolean>
  return Object.entries(needs).flatMap(([job, { result }]) => {
    if (result === 'success') return []
    if (result !== 'skipped') return [`${job}: ${result}`]
    // A job may be skipped only if the path filter says so explicitly.
    return triggered[job] === false ? [] : [`${job}: skipped, but required by the change`]
  })
}

if (import.meta.main) {
  const { RESULTS } = process.env
  if (!RESULTS) {
    console.error('RESULTS is not set: it must hold the results of all jobs, as `toJSON(needs)`.')
    process.exit(2)
  }
  const needs = JSON.parse(RESULTS) as Record<string, NeededJob>
  for (const [job, { result }] of Object.entries(needs)) console.log(`${result.padEnd(10)} ${job}`)
  const failed = failedChecks(needs)
  for (const check of failed) console.error(`Required checks failed: ${check}`)
  process.exitCode = failed.length === 0 ? 0 : 1
}
