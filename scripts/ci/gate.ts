/** The one required check of a pull request: every job that the change calls for has passed, and nothing else is taken for that. */
export interface NeededJob { result: string, outputs?: Record<string, string> }

/** The job whose outputs say, per workflow, whether the change touches it: 'true' or 'false'. */
export const CHANGES = 'changes'

/** Why the gate stays shut; empty when it opens. `needs` is GitHub's context of that name in the gate's job. */
export function judge (needs: Record<string, NeededJob>): string[] {
  const called = needs[CHANGES]?.outputs ?? {}
  if (needs[CHANGES]?.result !== 'success') {
    return [`${CHANGES}: ${needs[CHANGES]?.result ?? 'missing'}, so nobody knows what had to run`]
  }
  return Object.entries(needs).flatMap(([job, { result }]) => {
    if (result === 'success') return []
    // Skipped is right only where the path filter has said so in so many words.
    if (result === 'skipped') {
      return called[job] === 'false' ? [] : [`${job}: skipped, though the change calls for it`]
    }
    return [`${job}: ${result}`]
  })
}

if (import.meta.main) {
  const { RESULTS } = process.env
  if (!RESULTS) {
    console.error(
      'RESULTS is not set: it must hold the results of all jobs, as `toJSON(needs)` gives them.'
    )
    process.exit(2)
  }
  const needs = JSON.parse(RESULTS) as Record<string, NeededJob>
  for (const [job, { result }] of Object.entries(needs)) console.log(`${result.padEnd(10)} ${job}`)
  const reasons = judge(needs)
  for (const reason of reasons) console.error(`The gate stays shut: ${reason}`)
  process.exitCode = reasons.length === 0 ? 0 : 1
}
