/** One small, careless change of one file. */
export interface Mutant {
  /** Path from the top of the repository. */
  readonly file: string
  /** Line on which the change begins, from 1. */
  readonly line: number
  /** Kind of change, such as "drop property". */
  readonly operator: string
  /** The changed part before and after, shortened for reports. */
  readonly before: string
  readonly after: string
  /** The whole file with the change. */
  readonly text: string
}

/** Replaces `start` to `end` of a file's text. Positions count characters. */
export interface Edit {
  readonly operator: string
  readonly start: number
  readonly end: number
  readonly replacement: string
}

/** The number of characters of a line that reports show. */
const EXCERPT = 90

const excerpt = (text: string) => text.replace(/\s+/g, ' ').trim().slice(0, EXCERPT)

/** The mutant of an edit, described by the lines that it changes. */
export function mutantOf (file: string, text: string, edit: Edit): Mutant {
  const { operator, start, end, replacement } = edit
  const lineStart = text.lastIndexOf('\n', start - 1) + 1
  const lineEnd = text.indexOf('\n', end) === -1 ? text.length : text.indexOf('\n', end)
  return {
    file,
    line: text.slice(0, start).split('\n').length,
    operator,
    before: excerpt(text.slice(lineStart, lineEnd)),
    after: excerpt(text.slice(lineStart, start) + replacement + text.slice(end, lineEnd)),
    text: text.slice(0, start) + replacement + text.slice(end)
  }
}

/** A similar number: the next one, or ten times as much. */
export function slipOf (number: string): string {
  const value = Number(number.replaceAll('_', ''))
  return String(Math.abs(value) < 10 ? value + 1 : value * 10)
}
