import { readFileSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import { parse } from 'yaml'
import { documentedValues } from '../../scripts/charts/readme.ts'
import {
  CHARTS, ciNames, helm, INSTALLATIONS, KUBERNETES, nested, ROOT, SERVICES, template, type Json
} from './helm.ts'
import { run } from './tools.ts'

const read = (chart: string, file: string) => readFileSync(`${ROOT}charts/${chart}/${file}`, 'utf8')

test.each(INSTALLATIONS)('%s passes helm lint --strict with its %s values', async (chart, ci) => {
  const options = ['--kube-version', KUBERNETES, '--values', `charts/${chart}/ci/${ci}-values.yaml`]
  const { status, stdout, stderr } = await helm(['lint', '--strict', `charts/${chart}`, ...options])
  expect(`${stdout}${stderr}`).not.toMatch(/WARNING|ERROR/)
  expect(status).toBe(0)
})

test.each(CHARTS)('%s has values for a default, a minimal and a production installation', chart => {
  expect(ciNames(chart)).toEqual(expect.arrayContaining(['default', 'minimal', 'production']))
})

test('READMEs, schemas and values that follow from settings are current', async () => {
  expect(await run('node', ['scripts/charts/main.ts', '--check'])).toEqual({
    status: 0, stdout: '', stderr: ''
  })
})

test('the generator rejects a value without a comment', () => {
  expect(
    documentedValues('# -- First.\na: 1\nmap:\n  # -- Second,\n  # continued.\n  b: [x]\n')
  ).toEqual([
    { path: 'a', meaning: 'First.', default: 1 },
    { path: 'map.b', meaning: 'Second, continued.', default: ['x'] }
  ])
  expect(() => documentedValues('# -- First.\na: 1\nb: 2\n')).toThrow('b has no')
  expect(() => documentedValues('map:\n  a: 1\n')).toThrow('map.a has no')
})

test.each(CHARTS)('every map of %s rejects unknown keys', chart => {
  const schema = JSON.parse(read(chart, 'values.schema.json')) as Json
  expect(schema.$schema).toBe('http://json-schema.org/draft-07/schema#')
  expect(openMaps(schema)).toEqual([])
})

/** Paths of schemas with properties that accept other keys. */
function openMaps (schema: unknown, path = ''): string[] {
  if (typeof schema !== 'object' || schema === null) return []
  const isOpen = 'properties' in schema && (schema as Json).additionalProperties !== false
  return [
    ...(isOpen ? [path] : []),
    ...Object.entries(schema).flatMap(([key, value]) => openMaps(value, `${path}/${key}`))
  ]
}

test.each(CHARTS)('an error names a misspelt value of %s', async chart => {
  const paths = documentedValues(read(chart, 'values.yaml')).map(({ path }) => `${path}X`)
  const values = nested(Object.fromEntries(paths.map(path => [path, 1])))
  const { status, stderr } = await template(chart, { values })
  expect(status).not.toBe(0)
  expect(paths.filter(path => !stderr.includes(`'${path.split('.').at(-1)}'`))).toEqual([])
})

test.each(SERVICES)('%s has the version of its service', chart => {
  const { version, appVersion } = parse(read(chart, 'Chart.yaml')) as Json
  expect(appVersion).toBe(version)
})

test.each(CHARTS)('%s rejects Kubernetes 1.24', async chart => {
  const { status, stderr } = await template(chart, { kubernetes: '1.24.0' })
  expect(status).not.toBe(0)
  expect(stderr).toContain('kubeVersion')
})
