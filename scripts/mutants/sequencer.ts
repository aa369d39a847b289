import { readFileSync } from 'node:fs'
import { relative } from 'node:path'

/** A Jest sequencer: the fastest suites first, by durations in the file DURATIONS. */
export default class FastestFirst {
  sort (tests: Array<{ readonly path: string }>) {
    const durations: Record<string, number> =
      JSON.parse(readFileSync(process.env.DURATIONS!, 'utf8'))
    const durationOf = (path: string) => durations[relative(process.cwd(), path)] ?? 0
    return tests.toSorted((a, b) => durationOf(a.path) - durationOf(b.path))
  }

  /** Durations are not cached. */
  cacheResults (): void {}
}
