import type { Mutant } from './mutant.ts'
import type { Verdict } from './trial.ts'

/** A mutant that was tested. */
export interface Tried extends Mutant, Verdict {
  readonly area: string
}

/** Area -> minimum share of detected mutants, in percent. */
export type Floors = Readonly<Record<string, number>>

/** Survivors that need no test: file -> changed line, as the report shows it -> reason. */
export type Harmless = Readonly<Record<string, Readonly<Record<string, string>>>>

type Scores = Record<string, { noticed: number, tried: number, percent: number }>

/** The numbers of detected and tested mutants by area. */
export function scoresOf (all: readonly Tried[]): Scores {
  const scores: Scores = {}
  for (const { area, isNoticed } of all) {
    const { noticed, tried } = scores[area] ?? { noticed: 0, tried: 0 }
    const sum = { noticed: noticed + Number(isNoticed), tried: tried + 1 }
    scores[area] = { ...sum, percent: Math.floor((100 * sum.noticed) / sum.tried) }
  }
  return scores
}

export const isHarmless = ({ file, after }: Mutant, harmless: Harmless) =>
  harmless[file]?.[after] !== undefined

/** A sentence for each area whose score is under its floor. */
export const shortfalls = (scores: Scores, floors: Floors) =>
  Object.entries(scores)
    .filter(([area, { percent }]) => percent < (floors[area] ?? 0))
    .map(([area, { percent }]) =>
      `${area}: ${percent} % of the mutants are noticed, the floor is ${floors[area]} %`)

/** Floors that only rise. */
export function raised (scores: Scores, floors: Floors): Floors {
  const rise = Object.entries(scores)
    .map(([area, { percent }]) => [area, Math.max(floors[area] ?? 0, percent)])
  return { ...floors, ...Object.fromEntries(rise) }
}

/** A Markdown table of the scores. */
export const tableOf = (scores: Scores) => [
  '| area | noticed | mutants | score |',
  '| --- | --: | --: | --: |',
  ...Object.entries(scores).map(
    ([area, { noticed, tried, percent }]) => `| ${area} | ${noticed} | ${tried} | ${percent} % |`
  )
].join('\n')

/** A mutant in three lines: its place, and the text before and after. */
export const describe = ({ file, line, operator, before, after }: Mutant) =>
  `${file}:${line} ${operator}\n    - ${before}\n    + ${after}`

/** A Markdown page: the scores, then each survivor. */
export function reportOf (tried: readonly Tried[]): string {
  const survivors = tried.filter(({ isNoticed }) => !isNoticed)
  const list = survivors.map(mutant => `    ${describe(mutant)}`.replaceAll('\n', '\n    '))
  return `${tableOf(scoresOf(tried))}\n\n## Survivors\n\n${list.join('\n\n')}\n`
}
