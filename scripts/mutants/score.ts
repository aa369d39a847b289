import type { Mutant } from './mutant.ts'
import type { Verdict } from './trial.ts'

/** A mutant that was tested. */
export interface Tried extends Mutant, Verdict {
  readonly area: string
}

/** Area -> minimum share of detected mutants, in percent. */
export type Floors = Readonly<Record<string, number>>

/** A survivor that needs no test, and why. */
export interface Harmless {
  readonly file: string
  /** The changed line, as the report shows it. */
  readonly after: string
  readonly reason: string
}

export interface Score {
  readonly noticed: number
  readonly tried: number
  readonly percent: number
}

/** The numbers of detected and tested mutants by area, without harmless ones. */
export function scoresOf (tried: readonly Tried[]): Record<string, Score> {
  const byArea = Object.entries(Object.groupBy(tried, ({ area }) => area))
  return Object.fromEntries(
    byArea.map(([area, all = []]) => {
      const noticed = all.filter(({ isNoticed }) => isNoticed).length
      return [
        area,
        { noticed, tried: all.length, percent: Math.floor((100 * noticed) / all.length) }
      ]
    })
  )
}

export function isHarmless ({ file, after }: Mutant, harmless: readonly Harmless[]): boolean {
  return harmless.some(each => each.file === file && each.after === after)
}

/** A sentence for each area whose score is under its floor. */
export function shortfalls (scores: Record<string, Score>, floors: Floors): string[] {
  return Object.entries(scores).flatMap(([area, { percent }]) => {
    const floor = floors[area] ?? 0
    return percent < floor
      ? [`${area}: ${percent} % of the mutants are noticed, the floor is ${floor} %`]
      : []
  })
}

/** Floors that only rise. */
export function raised (scores: Record<string, Score>, floors: Floors): Floors {
  const areas = [...new Set([...Object.keys(floors), ...Object.keys(scores)])]
  return Object.fromEntries(
    areas.map(area => [area, Math.max(floors[area] ?? 0, scores[area]?.percent ?? 0)])
  )
}

/** A Markdown table of the scores. */
export function tableOf (scores: Record<string, Score>): string {
  const rows = Object.entries(scores).map(
    ([area, { noticed, tried, percent }]) => `| ${area} | ${noticed} | ${tried} | ${percent} % |`
  )
  return ['| area | noticed | mutants | score |', '| --- | --: | --: | --: |', ...rows].join('\n')
}

/** Two lines on a survivor: its place and its change. */
export const describe = ({ file, line, operator, before, after }: Mutant) =>
  `${file}:${line} ${operator}\n    - ${before}\n    + ${after}`

/** A Markdown page: the scores, then each survivor. */
export function reportOf (tried: readonly Tried[]): string {
  const survivors = tried.filter(({ isNoticed }) => !isNoticed)
  const list = survivors.map(mutant => `    ${describe(mutant)}`.replaceAll('\n', '\n    '))
  return `${tableOf(scoresOf(tried))}\n\n## Survivors\n\n${list.join('\n\n')}\n`
}
