/** One value of a chart, by its path in dots: what its schema takes, and what it refuses. */
export type Row = readonly [path: string, taken: readonly unknown[], refused: readonly unknown[]]

export const times = (text: string, n: number) => text.repeat(n)
/** With letters and digits from the ends and the middle of their ranges, at every place. */
export const LOWER = ['a0', 'z9', 'm5', '0a', '9z', '5m', 'x-amz059-x']
export const WORDS = [...LOWER, 'A0', 'Z9', 'M5', '0A', '9Z', '5M', 'x-AMZ-x']
export const SHA256 = `sha256:${times('0123456789abcdef', 4)}`

export const boolean = (path: string): Row => [path, [true, false], ['true', 1]]
export const integer = (path: string, least: number, most?: number): Row => [
  path,
  most === undefined ? [least, 1_000_000_000] : [least, most],
  [least - 1, least + 0.5, String(least), ...most === undefined ? [] : [most + 1]]
]
export const oneOf = (path: string, values: string[], refused: unknown[] = []): Row =>
  [path, values, ['', values[0]!.toLowerCase() + 'X', ...refused]]
export const strings = (path: string): Row =>
  [path, [{}, { 'a.example/b': 'c d' }, { a: '' }], [{ a: 1 }, 'a', ['a']]]
export const object = (path: string): Row => [path, [{ a: 1 }], ['a', 1, ['a']]]
