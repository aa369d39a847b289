import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { normaliseMessage, normaliseName, TEXT_KEYWORDS } from '../src/messages/text.ts'
import { HOSTILE_UNITS, hostileText } from '@guestbook/service-kit/testing/hostile-text'

const LIMITS = { name: 80, message: 1000 }
const MAX_LINES = 50
const MAX_MARKS = 30

/** Any text, with a bias to characters that normalisation changes. */
const anyText = fc.oneof(
  fc.string({
    unit: fc.oneof(
      fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
      fc.constantFrom(...Object.values(HOSTILE_UNITS).flat(), '\uD800', '.')
    ),
    maxLength: 300
  }),
  hostileText(20_000)
)
const problemsOf = (text: string) =>
  TEXT_KEYWORDS.filter(({ isValid }) => !isValid(text)).map(({ message }) => message)
const isValid = (text: string, limit: number) =>
  [...text].length <= limit && problemsOf(text).length === 0

describe('any text', () => {
  test('is the same after a second normalisation', () => {
    fc.assert(fc.property(anyText, raw => {
      expect(normaliseMessage(normaliseMessage(raw))).toBe(normaliseMessage(raw))
      expect(normaliseName(normaliseName(raw))).toBe(normaliseName(raw))
    }), { numRuns: 2000 })
  })

  test('is composed, trimmed and without controls and consecutive blank lines if valid', () => {
    const VISIBLE = /[^\p{M}\p{Z}\p{C}\p{Default_Ignorable_Code_Point}\s\u2800]/u
    fc.assert(
      fc.property(anyText, raw => {
        const message = normaliseMessage(raw)
        if (isValid(message, LIMITS.message)) {
          expect(message).toBe(message.normalize('NFC').trim())
          expect(message).not.toMatch(
            // eslint-disable-next-line no-control-regex
            /[\u0000-\u0008\u000B-\u001F\u007F-\u009F\u2028-\u202E\uFEFF]|\n\n\n/
          )
          expect(message.split('\n').filter(line => line !== '' && !VISIBLE.test(line))).toEqual([])
          expect(message.split('\n').length).toBeLessThanOrEqual(MAX_LINES)
        }
        const name = normaliseName(raw)
        if (isValid(name, LIMITS.name)) {
          expect(name).toBe(name.normalize('NFC').trim())
          expect(name).not.toMatch(/[\t\n\u2028\u2029]| {2}/)
          expect(name === '' || VISIBLE.test(name)).toBe(true)
        }
      }),
      { numRuns: 2000 }
    )
  })

  test('that cannot become valid stays invalid', () => {
    fc.assert(fc.property(anyText, raw => {
      for (const [normalise, limit] of [
        [normaliseMessage, LIMITS.message],
        [normaliseName, LIMITS.name]
      ] as const) {
        const isTooLong = [...raw].length > 4 * limit
        // eslint-disable-next-line no-control-regex
        const marks = /(?:\p{M}[\0\u001B\u009F\u202E\uFEFF]*){31}/u.test(raw)
        if (isTooLong || marks || !raw.isWellFormed()) {
          expect(isValid(normalise(raw), limit)).toBe(false)
        }
      }
    }), { numRuns: 2000 })
  })
})

test('accents are composed, also across a removed control character', () => {
  expect(normaliseMessage('Cafe\u0301')).toBe('Caf\u00e9')
  expect(normaliseMessage('Cafe\u0000\u0301')).toBe('Caf\u00e9')
})

const KEPT = [
  'Grüße aus Köln 👋🏽', '👩‍👩‍👧‍👦', '🏴󠁧󠁢󠁳󠁣󠁴󠁿', '❤️ 1️⃣', 'سلام', 'می‌خواهم', 'क्‍ष',
  'שָׁלוֹם עֲלֵיכֶם', '你好，世界', 'a\tb', '<b>&amp;</b>', '½ ≠ ⅓', '\u2067abc\u2069 def',
  'ཨོཾ་མ་ཎི་པདྨེ་ཧཱུྃ', 'བསྒྲུབས', 'น้ำผึ้ง', 'अ॒ग्निमी॑ळे पु॒रोहि॑तं',
  'بِسْمِ ٱللَّهِ ٱلرَّحْمَٰنِ ٱلرَّحِيمِ', 'Vi\u1ec7t Nam', 'x\u0300\u0301\u0302\u0303'
].map(text => text.normalize('NFC'))

test.each(KEPT)('ordinary text of any script is unchanged: %s', text => {
  for (const form of [text, text.normalize('NFD')]) {
    expect(normaliseMessage(form)).toBe(text)
    expect(problemsOf(form)).toEqual([])
  }
  expect(normaliseName(text)).toBe(text.replace('\t', ' '))
})

test('the longest text is accepted in any normalisation form', () => {
  for (const unit of ['\u1F82', '\uAC01', 'é', '😀', '\r\n']) {
    for (const form of ['NFC', 'NFD'] as const) {
      expect(
        normaliseMessage(`a${unit.repeat(998)}b`.normalize(form)).length
      ).toBeLessThanOrEqual(2000)
      expect(normaliseName(`a${unit.repeat(78)}b`.normalize(form)).length).toBeLessThanOrEqual(160)
    }
  }
})

test('controls and bidirectional overrides are removed', () => {
  expect(normaliseMessage('a\u0000b\u0007c\u001Bd\u007Fe\u009Ff\uFEFFg')).toBe('abcdefg')
  expect(normaliseMessage('user\u202Egnp.exe\u202C \u202Atext\u202D')).toBe('usergnp.exe text')
})

test('all line breaks become \\n, and consecutive blank lines become one', () => {
  expect(normaliseMessage('a\r\nb\rc\n\n\n\nd\n \t\n\u00A0\ne\n\nf')).toBe('a\nb\nc\n\nd\n\ne\n\nf')
  expect(normaliseMessage('a\u2028b\u2029c')).toBe('a\nb\nc')
})

test('a name has no line breaks, tabs or consecutive spaces', () => {
  expect(normaliseName('  Ann\r\n\tLee \u2028 Jr.  ')).toBe('Ann Lee Jr.')
})

const INVISIBLE = {
  nothing: '',
  'white space': ' \t\u00A0\u2003\u3000',
  'line separators': '\r\n\u2028',
  controls: '\u0000\u0001\u007F\u0085',
  'byte order mark': '\uFEFF',
  'zero-width characters': '\u200B\u200C\u200D\u2060',
  'direction marks': '\u200E\u200F\u202E\u2066\u2069',
  'soft hyphen': '\u00AD',
  'variation selector': '\uFE0F',
  tags: '\u{E0001}\u{E0041}',
  'Hangul fillers': '\u115F\u1160\u3164\uFFA0',
  'blank Braille pattern': '\u2800\u2800',
  'other blank glyphs': '\u{1D159}\u{13441}\u{13442}',
  'marks without a letter': '\u0301\u0327',
  'unassigned and private code points': '\u0378\uE000\u{10FFFF}'
}

describe.each(Object.entries(INVISIBLE))('invisible text, %s,', (_kind, characters) => {
  test('is empty', () => {
    expect([normaliseMessage(characters), normaliseName(characters)]).toEqual(['', ''])
  })

  test('makes a blank line, and several become one', () => {
    expect(
      normaliseMessage(`${characters}\nfirst\n${`${characters}\n`.repeat(25)}last\n${characters}`)
    ).toBe('first\n\nlast')
  })

  test('stays beside visible text', () => {
    if (/[\s\p{Cc}\u202E\uFEFF]/u.test(characters)) return // removed or trimmed
    const text = `.${characters}.`.normalize('NFC')
    expect([normaliseMessage(text), normaliseName(text)]).toEqual([text, text])
  })
})

test(`${MAX_MARKS} marks may follow a letter, one more is rejected`, () => {
  expect(problemsOf(normaliseMessage(`x${'\u0316'.repeat(MAX_MARKS)}`))).toEqual([])
  for (const marks of [
    '\u0316'.repeat(31),
    '\u0316'.repeat(20) + '\0' + '\u0345'.repeat(20),
    '\u0344'.repeat(16),
    '\u20DD'.repeat(31)
  ]) {
    expect(problemsOf(normaliseMessage(`x${marks}`))).toEqual([
      `must have at most ${MAX_MARKS} combining marks in a row`
    ])
  }
})

test(`${MAX_LINES} lines are accepted, one more is rejected, blank lines count once`, () => {
  expect(problemsOf(normaliseMessage('x\n'.repeat(MAX_LINES)))).toEqual([])
  expect(problemsOf(normaliseMessage('x\n\n\n\n'.repeat(MAX_LINES / 2)))).toEqual([])
  for (const newline of ['\n', '\r\n', '\u2028', '\u2029']) {
    expect(problemsOf(normaliseMessage(`x${newline}`.repeat(MAX_LINES + 1)))).toEqual([
      `must be at most ${MAX_LINES} lines long`
    ])
  }
})
