import { describe, expect, test } from '@jest/globals'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { defaultsOf, pathsOf, sourcesOf, unknownValues } from '../src/chart-values.ts'
import { inFolder } from './folder.ts'
import { synth, valuesOf } from './synth.ts'
import { passedValues } from './variations.ts'

describe('every value that we pass exists in the chart that gets it', () => {
  const { guestbook } = synth({
    target: { workers: 3 },
    mongodb: { members: 3 },
    guestbook: { autoscaling: true }
  })

  test.each(['guestbook-mongodb', 'guestbook-backend', 'guestbook-frontend'])('%s', name => {
    const chart = fileURLToPath(new URL(`../../charts/${name}`, import.meta.url))
    expect(unknownValues(valuesOf(guestbook!, name), defaultsOf(chart))).toEqual([])
  })

  // Charts of others are not at hand here. `make chart-values` has looked into them and noted what exists, version by version.
  const verified: Record<string, string[]> = JSON.parse(
    readFileSync(new URL('verified-values.json', import.meta.url), 'utf8')
  )
  test.each(passedValues().map(({ chart, version, values }) => ({ chart, version, values })))(
    '$chart $version',
    ({ chart, version, values }) => {
      expect(values.length).toBeGreaterThan(0)
      const known = new Set(verified[`${chart} ${version}`])
      expect(
        [...new Set(values.flatMap(one => pathsOf(one)))].filter(path => !known.has(path))
      ).toEqual([])
    }
  )
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

test.each<[unknown, string[]]>([
  [{ a: { b: 1, c: { d: 'x' } }, e: [{ f: 1 }] }, ['a/b', 'a/c/d', 'e']],
  [{ a: null, b: {} }, ['a']],
  ['x', ['']]
])('the paths of %j are %j', (values, paths) => {
  expect(pathsOf(values)).toEqual(paths)
})

test.each<[string, string, string[]]>([
  ['a field', '{{ .Values.extra }}', []],
  ['a key in quotes', '{{ index . "extra" }}', []],
  ['a comment', 'a: 1\n# extra: 2', []],
  ['a key of an example', 'a: 1\n  extra: 2', []],
  ['a longer name', '{{ .Values.extras }}', ['extra']],
  ['the end of a name', '{{ .Values.anextra }}', ['extra']]
])('a value that is not among the defaults is known by %s', (_, sources, unknown) => {
  expect(unknownValues({ extra: 1 }, { a: 1 }, sources)).toEqual(unknown)
  expect(unknownValues({ in: { extra: 1 } }, { in: { a: 1 } }, sources))
    .toEqual(unknown.map(path => `in/${path}`))
})

describe('a chart in a folder', () => {
  const files = {
    'Chart.yaml': 'dependencies: [{ name: sub, alias: nick }, { name: plain }, { name: gone }]',
    'values.yaml': 'own: 1\nnick: { a: 2, inner: { b: 3 } }',
    'templates/a.yaml': 'one',
    'templates/_b.tpl': 'two',
    'templates/NOTES.txt': 'three',
    'charts/sub/Chart.yaml': 'name: sub',
    'charts/sub/values.yaml': 'a: 1\ninner: { b: 1, c: 1 }',
    'charts/plain/Chart.yaml': 'name: plain',
    'charts/plain/values.yaml': '# nothing'
  }
  const inChart = <T>(use: (folder: string) => T) => inFolder(folder => {
    for (const [path, content] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true })
      writeFileSync(join(folder, path), content)
    }
    return use(folder)
  })

  test('has its own values above those of the charts inside it', () => {
    expect(inChart(defaultsOf))
      .toEqual({ own: 1, nick: { a: 2, inner: { b: 3, c: 1 } }, plain: {} })
  })

  test('is read with its templates and examples', () => {
    expect(inChart(sourcesOf).split('\n').sort()).toEqual([
      '# nothing', 'a: 1', 'inner: { b: 1, c: 1 }', 'nick: { a: 2, inner: { b: 3 } }',
      'one', 'own: 1', 'two'
    ])
  })
})
