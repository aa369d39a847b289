/** Longest name and message, in code points after normalisation. */
export const LIMITS = { name: 80, message: 1000 } as const
/** Most lines of a message, blank ones included. */
export const MAX_LINES = 50
/** Most combining marks in a row, as in the Stream-Safe Text Format of UAX #15. */
export const MAX_MARKS = 30
/** NFC joins at most four code points into one, and CRLF becomes one: longer texts cannot fit. */
const MAX_SHRINKING = 4

/** What a browser shows as the end of a line, beside \n and the controls that are removed. */
const NEWLINE = /\r\n|[\r\u2028\u2029]/g
/** Controls but tab and newline, and the bidirectional embeddings and overrides. */
// eslint-disable-next-line no-control-regex
const UNWANTED = /[\u0000-\u0008\u000B-\u001F\u007F-\u009F\u202A-\u202E\uFEFF]/g
/** The lookbehind keeps the search linear: a run is only looked at from its beginning. */
const TOO_MANY_MARKS = new RegExp(`(?<!\\p{M})\\p{M}{${MAX_MARKS + 1}}`, 'u')
/** Letters and symbols whose glyphs are blank: of Braille, music and hieroglyphs. */
const BLANK = '\\u2800\\u{1D159}\\u{13441}\\u{13442}'
/** Letters, digits, punctuation and symbols that show something. */
const VISIBLE = new RegExp(
  `(?![\\p{Default_Ignorable_Code_Point}${BLANK}])[\\p{L}\\p{N}\\p{P}\\p{S}]`, 'u'
)

/**
 * The one form in which a message is stored and compared: NFC, newlines as \n, no control
 * characters, trimmed. A line without a visible character is blank, and one blank line remains of
 * several. A text that cannot become valid (too long, too many combining marks, not well-formed) is
 * returned as it is, for the validator to refuse.
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
 * The text in NFC, with newlines as \n and without unwanted characters; undefined when it cannot
 * become valid. NFC takes time quadratic in the length of a run of combining marks, so length and
 * runs are checked first.
 */
function compose (text: string, limit: number): string | undefined {
  if (isLonger(text, limit * MAX_SHRINKING) || !text.isWellFormed()) return undefined
  const clean = text.replace(NEWLINE, '\n').replace(UNWANTED, '')
  return hasTooManyMarks(clean) ? undefined : clean.normalize('NFC')
}

/** Whether there are more code points than `limit`. */
function isLonger (text: string, limit: number): boolean {
  return text.length > limit && (text.length > limit * 2 || [...text].length > limit)
}

const hasTooManyMarks = (text: string) => TOO_MANY_MARKS.test(text)

/** What holds for every text beside its length: annotations of its schema, see TEXT_KEYWORDS. */
export const TEXT_RULES = {
  'x-wellFormed': true, 'x-maxMarks': MAX_MARKS, 'x-maxLines': MAX_LINES
} as const

/** Each rule with the reason that is given when a text breaks it. */
export const TEXT_KEYWORDS = [
  {
    keyword: 'x-wellFormed',
    holds: (text: string) => text.isWellFormed(),
    reason: 'contains half of a surrogate pair, which no text can hold'
  },
  {
    keyword: 'x-maxMarks',
    holds: (text: string) => !hasTooManyMarks(text.replace(UNWANTED, '')),
    reason: `must have at most ${MAX_MARKS} combining marks in a row`
  },
  {
    keyword: 'x-maxLines',
    holds: (text: string) => text.split('\n', MAX_LINES + 1).length <= MAX_LINES,
    reason: `must be at most ${MAX_LINES} lines long`
  }
]
