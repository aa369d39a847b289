import { hash } from 'node:crypto'
import type { Edit } from './edit.ts'
import { lineEdits } from './lines.ts'
import { syntaxEdits } from './syntax.ts'

/** One small mistake in one file. */
export interface Mutant {
  /** Path from the top of the repository. */
  readonly file: string
  /** Line on which the change begins, from 1. */
  readonly line: number
  readonly operator: string
  /** The changed lines before and after, shortened for reports. */
  readonly before: string
  readonly after: string
  /** The whole file with the change. */
  readonly text: string
}

/** The number of characters of a line that reports show. */
const EXCERPT = 90

/** All mutants of a file. */
export function mutantsOf (file: string, text: string): Mutant[] {
  const edits = /\.(m?js|ts|json)$/.test(file) ? syntaxEdits(file, text) : lineEdits(file, text)
  const mutants = edits.map(edit => mutantOf(file, text, edit)).filter(each => each.text !== text)
  return [...new Map(mutants.map(mutant => [mutant.text, mutant])).values()]
}

function mutantOf (file: string, text: string, edit: Edit): Mutant {
  const { operator, start, end, replacement } = edit
  const lineStart = text.lastIndexOf('\n', start - 1) + 1
  const lineEnd = text.indexOf('\n', end) === -1 ? text.length : text.indexOf('\n', end)
  const excerpt = (part: string) => part.replace(/\s+/g, ' ').trim().slice(0, EXCERPT)
  return {
    file,
    line: text.slice(0, start).split('\n').length,
    operator,
    before: excerpt(text.slice(lineStart, lineEnd)),
    after: excerpt(text.slice(lineStart, start) + replacement + text.slice(end, lineEnd)),
    text: text.slice(0, start) + replacement + text.slice(end)
  }
}

/**
 * The mutants in a stable random order: a mutant keeps its place when other lines change, so that
 * scores of different days can be compared.
 */
export function shuffled (mutants: readonly Mutant[], seed: string): Mutant[] {
  return mutants
    .map(mutant => {
      const { file, operator, before, after } = mutant
      return { mutant, place: hash('sha256', [seed, file, operator, before, after].join('\n')) }
    })
    .sort((a, b) => (a.place < b.place ? -1 : 1))
    .map(({ mutant }) => mutant)
}
