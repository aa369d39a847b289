/** A value of a chart, by its path in dots: contents that its schema accepts and rejects. */
export type Row = readonly [
  path: string, accepted: readonly unknown[], rejected: readonly unknown[]
]

export const times = (text: string, n: number) => text.repeat(n)
/** Letters and digits from the ends and the middle of their ranges, at every position. */
export const LOWER = ['a0', 'z9', 'm5', '0a', '9z', '5m', 'x-amz059-x']
export const WORDS = [...LOWER, 'A0', 'Z9', 'M5', '0A', '9Z', '5M', 'x-AMZ-x']
export const SHA256 = `sha256:${times('0123456789abcdef', 4)}`

export const boolean = (path: string): Row => [path, [true, false], ['true', 1]]
export const integer = (path: string, min: number, max?: number): Row => [
  path,
  max === undefined ? [min, 1_000_000_000] : [min, max],
  [min - 1, min + 0.5, String(min), ...max === undefined ? [] : [max + 1]]
]
export const oneOf = (path: string, values: string[], rejected: unknown[] = []): Row =>
  [path, values, ['', values[0]!.toLowerCase() + 'X', ...rejected]]
export const strings = (path: string): Row =>
  [path, [{}, { 'a.example/b': 'c d' }, { a: '' }], [{ a: 1 }, 'a', ['a']]]
export const object = (path: string): Row => [path, [{ a: 1 }], ['a', 1, ['a']]]
