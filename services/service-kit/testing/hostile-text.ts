/** Texts that are expensive to normalise, count, escape or render, for tests and attacks. */
import fc from 'fast-check'

/** By kind. Marks have different combining classes, so that NFC must sort them. */
export const HOSTILE_UNITS: Record<string, string[]> = {
  marks: [
    ...'\u0345\u0301\u0334\u0316\u0321\u302A\u3099\u093C\u094D\u05B0',
    ...'\u05BC\u064B\u0E38\u0F71\u0F73\u0344\u{1D165}\u20DD\u034F\uFE0F'
  ],
  letters: ['a', 'ש', 'ก', 'ཀ', 'ो', 'Å'],
  jamo: ['\u1100', '\u1161', '\u11A8', '\u1100\u1161\u11A8'],
  'composition exclusions and singletons': [
    '\u{1D160}', '\uFB2C', '\u0958', '\u212B', '\uF900', '\u0390'
  ],
  'white space': [' ', '\t', '\u00A0', '\u3000', '\u2028'],
  newlines: ['\n', '\r\n', '\r', '\u0085', '\n '],
  invisible: ['\u200B', '\u00AD', '\u3164', '\u2800', '\u{E0041}', '\u200D'],
  controls: ['\0', '\u001B', '\u009F', '\u202E', '\u2066', '\uFEFF'],
  specials: ['<', '>', '"', "'", '&', '`', '=', '\\', '%', '+', '~', '/', '$', '{{'],
  astral: ['😀', '👩‍👩‍👧‍👦', '🇺🇳', '\u{10FFFF}']
}
const ALL_UNITS = Object.values(HOSTILE_UNITS).flat()

/** `parts` in sequence, each repeated, with about `bytes` in total. */
export function fillBytes (parts: string[], bytes: number): string {
  return parts
    .map(part => part.repeat(Math.ceil(bytes / parts.length / Buffer.byteLength(part))))
    .join('')
}

/** Texts of about `bytes`, two per kind and some special ones. */
export function hostileTexts (bytes: number): Array<[string, string]> {
  return [
    ...Object.entries(HOSTILE_UNITS).flatMap(([kind, units]): Array<[string, string]> => [
      [`${kind}, one after the other`, fillBytes([units.join('')], bytes)],
      [`${kind} in runs`, `a${fillBytes(units, bytes)}`]
    ]),
    ['marks against their order', `a${fillBytes(['\u0345', '\u0301', '\u0334'], bytes)}`],
    ['runs of 30 marks', fillBytes([`a${'\u0345'.repeat(15)}${'\u0334'.repeat(15)}`], bytes)],
    [
      'marks parted by controls',
      fillBytes([`${'\u0345'.repeat(15)}\0${'\u0334'.repeat(15)}\u202E`], bytes)
    ],
    ['white space before a letter', `${' '.repeat(bytes)}x`]
  ]
}

/** Any mixture of up to `maxBytes`. */
export function hostileText (maxBytes: number): fc.Arbitrary<string> {
  const part = fc
    .array(fc.constantFrom(...ALL_UNITS), { minLength: 1, maxLength: 6 })
    .map(units => units.join(''))
  return fc
    .tuple(fc.array(part, { minLength: 1, maxLength: 5 }), fc.integer({ min: 1, max: maxBytes }))
    .map(([parts, bytes]) => fillBytes(parts, bytes))
}
