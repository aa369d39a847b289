import { createHash } from 'node:crypto'
import { jsonEdits } from './json.ts'
import { lineEdits } from './lines.ts'
import { mutantOf, type Edit, type Mutant } from './mutant.ts'
import { typescriptEdits } from './typescript.ts'

/** All mutants of a file. */
export function mutantsOf (file: string, text: string): Mutant[] {
  const made = editsOf(file, text)
    .map(edit => mutantOf(file, text, edit))
    .filter(mutant => mutant.text !== text)
  return [...new Map(made.map(mutant => [mutant.text, mutant])).values()]
}

function editsOf (file: string, text: string): Edit[] {
  if (/\.[jt]s$|\.mjs$/.test(file)) return typescriptEdits(file, text)
  return file.endsWith('.json') ? jsonEdits(text) : lineEdits(file, text)
}

/**
 * The mutants in a stable random order: a mutant keeps its place when other lines change, so that
 * scores of different days can be compared.
 *
 * @param seed determines the order
 */
export function shuffled (mutants: readonly Mutant[], seed: string): Mutant[] {
  const placeOf = ({ file, operator, before, after }: Mutant) =>
    createHash('sha256').update([seed, file, operator, before, after].join('\n')).digest('hex')
  return mutants
    .map(mutant => ({ mutant, place: placeOf(mutant) }))
    .sort((a, b) => (a.place < b.place ? -1 : 1))
    .map(({ mutant }) => mutant)
}
