/** Maximum length of a name and a message, in code points after normalisation. */
export const LIMITS = { name: 80, message: 1000 } as const
/** Maximum lines of a message, blank ones included. */
export const MAX_LINES = 50
/** Maximum combining marks in a row, as in the Stream-Safe Text Format of UAX #15. */
export const MAX_MARKS = 30
/** NFC composes at most four code points into one, and CRLF becomes one: longer texts never fit. */
const MAX_SHRINK_FACTOR = 4

/** What browsers show as a line break, except \n and the control characters removed below. */
const NEWLINE = /\r\n|[\r\u2028\u2029]/g
/** Control characters except tab and newline; bidirectional embeddings and overrides. */
// eslint-disable-next-line no-control-regex
const REMOVED = /[\u0000-\u0008\u000B-\u001F\u007F-\u009F\u202A-\u202E\uFEFF]/g
/** The lookbehind keeps the search linear: a run is matched from its start only. */
const TOO_MANY_MARKS = new RegExp(`(?<!\\p{M})\\p{M}{${MAX_MARKS + 1}}`, 'u')
/** Letters and symbols with blank glyphs: Braille, musical notation, hieroglyphs. */
const BLANK = '\\u2800\\u{1D159}\\u{13441}\\u{13442}'
/** Letters, digits, punctuation and symbols with a visible glyph. */
const VISIBLE = new RegExp(
  `(?![\\p{Default_Ignorable_Code_Point}${BLANK}])[\\p{L}\\p{N}\\p{P}\\p{S}]`, 'u'
)

/**
 * The form in which a message is stored and compared: NFC, newlines as \n, no control characters,
 * trimmed. A line without a visible character counts as blank; consecutive blank lines become one.
 * A text that cannot become valid (too long, too many combining marks, not well-formed) is returned
 * unchanged, for the validator to reject.
 */
export function normaliseMessage (text: string): string {
  const composed = compose(text, LIMITS.message)
  if (composed === undefined) return text
  return composed
    .split('\n')
    .map(line => VISIBLE.test(line) ? line : '')
    .join('\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim()
}

/** As `normaliseMessage`, on one line. */
export function normaliseName (text: string): string {
  const composed = compose(text, LIMITS.name)
  if (composed === undefined) return text
  return VISIBLE.test(composed) ? composed.replace(/\s+/g, ' ').trim() : ''
}

/**
 * The text in NFC, with newlines as \n, without REMOVED characters; undefined if it cannot become
 * valid. NFC takes time quadratic in a run of combining marks: check length and runs first.
 */
function compose (text: string, limit: number): string | undefined {
  if (isLonger(text, limit * MAX_SHRINK_FACTOR) || !text.isWellFormed()) return undefined
  const clean = text.replace(NEWLINE, '\n').replace(REMOVED, '')
  return hasTooManyMarks(clean) ? undefined : clean.normalize('NFC')
}

/** Whether the text has more code points than `limit`. */
function isLonger (text: string, limit: number): boolean {
  return text.length > limit && (text.length > limit * 2 || [...text].length > limit)
}

const hasTooManyMarks = (text: string) => TOO_MANY_MARKS.test(text)

/** Schema annotations for every text, checked by TEXT_KEYWORDS. */
export const TEXT_RULES = {
  'x-wellFormed': true, 'x-maxMarks': MAX_MARKS, 'x-maxLines': MAX_LINES
} as const

/** The validator's keywords for TEXT_RULES. */
export const TEXT_KEYWORDS = [
  {
    keyword: 'x-wellFormed',
    isValid: (text: string) => text.isWellFormed(),
    message: 'contains half of a surrogate pair, which no text can hold'
  },
  {
    keyword: 'x-maxMarks',
    isValid: (text: string) => !hasTooManyMarks(text.replace(REMOVED, '')),
    message: `must have at most ${MAX_MARKS} combining marks in a row`
  },
  {
    keyword: 'x-maxLines',
    isValid: (text: string) => text.split('\n', MAX_LINES + 1).length <= MAX_LINES,
    message: `must be at most ${MAX_LINES} lines long`
  }
]
