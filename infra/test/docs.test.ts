import { expect, test } from '@jest/globals'
import { readFileSync } from 'node:fs'
import { withTables } from '../src/docs.ts'

const text = readFileSync(new URL('../../docs/infrastructure.md', import.meta.url), 'utf8')

test('docs/infrastructure.md is current; `make infra-docs` writes it', () => {
  expect(withTables(text)).toBe(text)
})

test('every setting has its meaning', () => {
  expect(text).not.toContain('undefined')
})

test('a text without places for the tables is refused', () => {
  expect(() => withTables('nothing')).toThrow('the text has no place for settings')
})
