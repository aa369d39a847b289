/** Replaces `start` to `end` of a file's text. Positions count characters. */
export interface Edit {
  /** Kind of change, such as "drop property". */
  readonly operator: string
  readonly start: number
  readonly end: number
  readonly replacement: string
}

const PAIRS = [
  ['===', '!=='], ['=', '!='], ['=~', '!~'], ['<', '<='], ['>', '>='], ['&&', '||'], ['+', '-'],
  ['*', '/'], ['eq', 'ne'], ['and', 'or'], ['gt', 'ge'], ['lt', 'le'], ['-n', '-z'],
  ['true', 'false']
] as const

/** Operators, functions and values that replace each other. */
export const SWAPS: Readonly<Record<string, string>> = {
  ...Object.fromEntries(PAIRS.flatMap(([one, other]) => [[one, other], [other, one]])),
  '==': '!=',
  unless: 'and'
}

/** A similar number: the next one, or ten times as much. */
export function similarNumber (number: string): string {
  const value = Number(number.replaceAll('_', ''))
  return String(Math.abs(value) < 10 ? value + 1 : value * 10)
}
