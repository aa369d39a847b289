import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { normaliseLine, normaliseText } from '../src/text.ts'

/** Text of every kind, with what normalisation cares about more often than chance would have it. */
const text = fc.string({
  unit: fc.oneof(
    fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
    fc.constantFrom(' ', '\t', '\n', '\r', '\u0000', '\u0085', '\u2028', '\u202E', '\u2066', '\uFEFF', '\u200B', '\u00A0', 'e', '\u0301', '\u0327', '\u1100', '\u1161', '\uD800', '👋')
  )
})

describe('any text', () => {
  test('is the same after a second normalisation', () => {
    fc.assert(fc.property(text, raw => {
      expect(normaliseText(normaliseText(raw))).toBe(normaliseText(raw))
      expect(normaliseLine(normaliseLine(raw))).toBe(normaliseLine(raw))
    }), { numRuns: 2000 })
  })

  test('is afterwards composed, trimmed, free of controls and of more than one blank line', () => {
    fc.assert(fc.property(text, raw => {
      const clean = normaliseText(raw)
      expect(clean).toBe(clean.normalize('NFC').trim())
      // eslint-disable-next-line no-control-regex
      expect(clean).not.toMatch(/[\u0000-\u0008\u000B-\u001F\u007F-\u009F\u202A-\u202E\uFEFF]|\n[^\S\n]*\n[^\S\n]*\n/)
      expect(normaliseLine(raw)).not.toMatch(/[\t\n\u2028\u2029]| {2}/)
    }), { numRuns: 2000 })
  })
})

test('accents are composed, also where a control character stood between', () => {
  expect(normaliseText('Cafe\u0301')).toBe('Caf\u00e9')
  expect(normaliseText('Cafe\u0000\u0301')).toBe('Caf\u00e9')
})

test('ordinary text of any script is kept as it is', () => {
  for (const kept of ['Grüße aus Köln 👋🏽', '👩‍👩‍👧‍👦', 'سلام', 'می‌خواهم', 'שלום', '你好，世界', 'a\tb', '<b>&amp;</b>', '½ ≠ ⅓', '\u2067abc\u2069 def']) {
    expect(normaliseText(kept)).toBe(kept)
  }
})

test('controls and bidirectional overrides are removed', () => {
  expect(normaliseText('a\u0000b\u0007c\u001Bd\u007Fe\u009Ff\uFEFFg')).toBe('abcdefg')
  expect(normaliseText('user\u202Egnp.exe\u202C \u202Atext\u202D')).toBe('usergnp.exe text')
})

test('line ends become \\n, and of several blank lines one remains', () => {
  expect(normaliseText('a\r\nb\rc\n\n\n\nd\n \t\n\u00A0\ne\n\nf')).toBe('a\nb\nc\n\nd\n\ne\n\nf')
})

test('a line holds no line breaks, tabs or runs of spaces', () => {
  expect(normaliseLine('  Ann\r\n\tLee \u2028 Jr.  ')).toBe('Ann Lee Jr.')
})

test('what nobody can see is empty', () => {
  const invisible = {
    nothing: '',
    'white space': ' \t\r\n\u00A0\u2003\u3000\u2028',
    controls: '\u0000\u0001\u007F\u0085',
    'byte order mark': '\uFEFF',
    'zero-width characters': '\u200B\u200C\u200D\u2060',
    'direction marks': '\u200E\u200F\u202E\u2066\u2069',
    'soft hyphen': '\u00AD',
    'variation selector': '\uFE0F',
    tags: '\u{E0001}\u{E0041}',
    'Hangul fillers': '\u115F\u1160\u3164\uFFA0',
    'blank Braille pattern': '\u2800\u2800'
  }
  for (const [what, characters] of Object.entries(invisible)) {
    expect([what, normaliseText(characters)]).toEqual([what, ''])
    expect([what, normaliseLine(characters)]).toEqual([what, ''])
  }
})

test('one visible character among invisible ones is enough', () => {
  expect(normaliseText('\u200B.\u200B')).toBe('\u200B.\u200B')
  expect(normaliseText('\u3164가')).toBe('\u3164가')
})
