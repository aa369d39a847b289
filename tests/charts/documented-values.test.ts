import { readFileSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import { documentedValues, type DocumentedValue } from '../../scripts/charts/readme.ts'
import { CHARTS, renderText, ROOT, runTemplate } from './helm.ts'
import { VALUE_OVERRIDES, type ValueOverride } from './value-overrides/index.ts'
import { renderTexts } from './variants.ts'

const valuesOf = (chart: string) =>
  documentedValues(readFileSync(`${ROOT}charts/${chart}/values.yaml`, 'utf8'))

/** The override in the table, or one that follows from the type. */
function changeOf (chart: string, value: DocumentedValue): ValueOverride {
  const known = VALUE_OVERRIDES[chart]?.[value.path]
  if (known) return known
  if (typeof value.default === 'boolean') return { to: !value.default }
  if (typeof value.default === 'number') return { to: value.default + 1 }
  throw new Error(`tests/charts/value-overrides has no entry for ${value.path} of ${chart}`)
}

test.each(CHARTS)('every documented value of %s has an effect', async chart => {
  const values = valuesOf(chart)
  const texts = await renderTexts(chart, values.flatMap(value => {
    const { to, with: others = {} } = changeOf(chart, value)
    return [others, { ...others, [value.path]: to }]
  }))
  expect(values.filter((_, n) => texts[2 * n] === texts[2 * n + 1])).toEqual([])
})

test.each(CHARTS)('the overrides name only values of %s', chart => {
  const paths = valuesOf(chart).map(({ path }) => path)
  const shared = Object.keys(VALUE_OVERRIDES['guestbook-backend'] ?? {}).filter(
    path => path in (VALUE_OVERRIDES['guestbook-frontend'] ?? {})
  )
  expect(
    Object.keys(VALUE_OVERRIDES[chart] ?? {}).filter(
      path => !paths.includes(path) && !shared.includes(path)
    )
  ).toEqual([])
})

test('the test detects a value without effect and a value without override', async () => {
  const [before, after] = await Promise.all([
    renderText('guestbook-frontend'),
    renderText('guestbook-frontend', { values: { service: { nodePort: 31000 } } })
  ])
  expect(after).toBe(before)
  expect(() =>
    changeOf('guestbook-frontend', { path: 'unknown', meaning: '', default: '' })
  ).toThrow('has no entry for unknown')
})

test.each(CHARTS)('two renders of %s are equal', async chart => {
  const [first, second] = await Promise.all([runTemplate(chart), runTemplate(chart)])
  expect(second.stdout).toBe(first.stdout)
  expect(first).toMatchObject({ status: 0, stdout: expect.stringContaining('kind: ') })
})
