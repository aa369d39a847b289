/** Longest name and message, in code points after normalisation. */
export const LIMITS = { name: 80, message: 1000 } as const

/** C0 and C1 controls but tab and newline, and the bidirectional embeddings and overrides that can turn a page's text around. */
// eslint-disable-next-line no-control-regex
const UNWANTED = /[\u0000-\u0008\u000B-\u001F\u007F-\u009F\u202A-\u202E\uFEFF]/gu
/** Letters, digits, punctuation and symbols; a few fillers and the blank Braille pattern count among them but show nothing. */
const VISIBLE = /(?![\p{Default_Ignorable_Code_Point}\u2800])[\p{L}\p{N}\p{P}\p{S}]/u

/**
 * The one form in which a text is stored and compared: NFC, newlines as \n, no control characters, trimmed,
 * never more than one blank line in a row; empty when nothing in it can be seen.
 */
export function normaliseText (text: string): string {
  const clean = text
    .replace(/\r\n?/g, '\n')
    .replace(UNWANTED, '')
    .normalize('NFC') // last: removing a character can bring a letter and its accent together
    .trim()
    .replace(/\n(?:[^\S\n]*\n){2,}/g, '\n\n')
  return VISIBLE.test(clean) ? clean : ''
}

/** As `normaliseText`, on one line. */
export function normaliseLine (text: string): string {
  return normaliseText(text).replace(/\s+/gu, ' ')
}
