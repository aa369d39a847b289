import { describe, expect, test } from '@jest/globals'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { defaultsOf, pathsOf, unknownValues } from '../src/chart-values.ts'
import { synth, valuesOf } from './synth.ts'
import { passedValues } from './variations.ts'

describe('every value that we pass exists in the chart that gets it', () => {
  const { guestbook } = synth({ target: { workers: 3 }, mongodb: { members: 3 }, guestbook: { autoscaling: true } })

  test.each(['guestbook-mongodb', 'guestbook-backend', 'guestbook-frontend'])('%s', name => {
    const chart = fileURLToPath(new URL(`../../charts/${name}`, import.meta.url))
    expect(unknownValues(valuesOf(guestbook!, name), defaultsOf(chart))).toEqual([])
  })

  // Charts of others are not at hand here. `make chart-values` has looked into them and noted what exists, version by version.
  const verified: Record<string, string[]> = JSON.parse(readFileSync(new URL('verified-values.json', import.meta.url), 'utf8'))
  test.each(passedValues().map(({ chart, version, values }) => ({ chart, version, values })))('$chart $version', ({ chart, version, values }) => {
    expect(values.length).toBeGreaterThan(0)
    const known = new Set(verified[`${chart} ${version}`])
    expect([...new Set(values.flatMap(one => pathsOf(one)))].filter(path => !known.has(path))).toEqual([])
  })
})

describe('a value is unknown', () => {
  const defaults = { replicas: 1, image: { tag: '' }, labels: {}, extra: null }
  test.each<[string, unknown, string[]]>([
    ['when the chart does not have it', { replica: 2 }, ['replica']],
    ['when it is missing further inside', { image: { tags: 'x' } }, ['image/tags']],
    ['but not when its templates read it', { nodePort: 1 }, []],
    ['but not below what the chart leaves open', { labels: { mine: 'x' }, extra: { any: 1 } }, []]
  ])('%s', (_, values, unknown) => {
    expect(unknownValues(values, defaults, '{{ .Values.nodePort }}')).toEqual(unknown)
  })
})
