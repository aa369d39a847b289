import { describe, expect, test } from '@jest/globals'
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import {
  chartValues, passedPaths, problemsOf, verifiedValues
} from '../../cli/chart-values/chart-values.ts'
import {
  defaultsOf, pathsOf, sourcesOf, unknownValues
} from '../../cli/chart-values/unknown-values.ts'
import { passedValues } from '../../cli/chart-values/variations.ts'
import { component } from '../../src/components.ts'
import { inFolder } from '../folder.ts'
import { synth, valuesOf } from '../synth.ts'
import { fakePrograms } from './fake-programs.ts'

describe('every passed value exists in its chart', () => {
  const { guestbook } = synth({
    target: { workers: 3 },
    mongodb: { members: 3 },
    guestbook: { autoscaling: true }
  })

  test.each(['guestbook-mongodb', 'guestbook-backend', 'guestbook-frontend'])('%s', name => {
    const chart = fileURLToPath(new URL(`../../../charts/${name}`, import.meta.url))
    expect(unknownValues(valuesOf(guestbook!, name), defaultsOf(chart))).toEqual([])
  })

  // Third-party charts are not in the repository. `make chart-values` verifies and records these.
  const verified = verifiedValues()
  test.each(passedValues().map(passed => [passed.component.id, passed] as const))(
    '%s', (id, passed) => {
      expect(passed.values.length).toBeGreaterThan(0)
      expect(passedPaths(passed).filter(path => !verified[id]!.includes(path))).toEqual([])
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

describe('make chart-values', () => {
  const passed = (values: object) => ({
    component: component('loki'), chart: 'loki', values: [values]
  })
  const { version } = component('loki')
  const inChart = (chartVersion: string, values: object) => inFolder(folder => {
    writeFileSync(join(folder, 'Chart.yaml'), `version: ${chartVersion}`)
    writeFileSync(join(folder, 'values.yaml'), 'known: 1\nloki: { limits_config: { a: 1 } }')
    return problemsOf(passed(values), folder).map(problem => problem.replace(folder, 'FOLDER'))
  })

  test.each<[string, string, object, string[]]>([
    ['accepts values that the chart has', version, { known: 2 }, []],
    ['accepts values that a chart passes on', version, { loki: { limits_config: { b: 1 } } }, []],
    ['rejects values that the chart lacks', version, { unknown: 1 },
      [`loki ${version} has no value unknown`]],
    ['rejects a chart of another version', '0.0.1', { known: 2 },
      [`loki ${version}: FOLDER has 0.0.1`]]
  ])('%s', (_, chartVersion, values, problems) => {
    expect(inChart(chartVersion, values)).toEqual(problems)
  })

  test('rejects a folder without a chart', () => {
    expect(problemsOf(passed({}), '/nowhere')).toEqual([`loki ${version}: /nowhere has no chart`])
  })

  test('pulls every chart with helm, in the version of the catalog', () => {
    const { context, calls } = fakePrograms({ helm: '' })
    expect(() => chartValues(context)).toThrow(`loki ${version}: `)
    const pulled = calls().map(call => call.replace(/--untardir .*/, '--untardir FOLDER'))
    expect(pulled).toHaveLength(11)
    expect(pulled).toContain(
      'helm pull loki --repo https://grafana-community.github.io/helm-charts ' +
        `--version ${version} --untar --untardir FOLDER`
    )
    expect(pulled).toContain('helm pull oci://ghcr.io/nginx/charts/nginx-ingress --version ' +
      `${component('nginx-ingress').version} --untar --untardir FOLDER`)
  })
})
