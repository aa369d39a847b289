import { readFileSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import { parseOptions } from './options.ts'

test('without options it takes two minutes, and every option is read', () => {
  expect(parseOptions([])).toEqual({ seconds: 120, maxExamples: 100, seed: undefined, help: false })
  const seed = '304228638468718557699088339702879048954'
  const args = `--seconds 10 --max-examples 5 --seed ${seed} -h`.split(' ')
  expect(parseOptions(args)).toEqual({ seconds: 10, maxExamples: 5, seed, help: true })
})

test.each([
  [['--seconds', '9'], '--seconds'],
  [['--seconds='], '--seconds'],
  [['--max-examples', '0'], '--max-examples'],
  [['--max-examples', '1.5'], '--max-examples'],
  [['--seed', 'x'], '--seed'],
  [['--minutes', '1'], '--minutes']
])('%j is rejected with a message that names it', (args, name) => {
  expect(() => parseOptions(args)).toThrow(name)
})

test('every Python package is pinned', () => {
  const pins = readFileSync(new URL('./requirements.txt', import.meta.url), 'utf8')
    .trim()
    .split('\n')
  expect(pins.filter(pin => !/^[\w.-]+==[\w.]+$/.test(pin))).toEqual([])
  expect(pins.some(pin => pin.startsWith('schemathesis=='))).toBe(true)
})

test('every exception in schemathesis.toml names an operation of the OpenAPI document', () => {
  const { paths } = JSON.parse(
    readFileSync(new URL('../../services/backend/openapi.json', import.meta.url), 'utf8')
  ) as { paths: Record<string, object> }
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map(method => `${method.toUpperCase()} ${path}`)
  )
  const named = [
    ...readFileSync(new URL('./schemathesis.toml', import.meta.url), 'utf8').matchAll(
      /^include-name = "(.*)"$/gm
    )
  ].map(([, name]) => name)
  expect(named).toHaveLength(4)
  expect(operations).toEqual(expect.arrayContaining(named))
})
