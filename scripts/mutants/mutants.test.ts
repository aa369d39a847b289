import { expect, test } from '@jest/globals'
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { fileURLToPath } from 'node:url'
import { AREAS } from './areas.ts'
import { tryMutant } from './trial.ts'
import type { Sandbox } from './sandbox.ts'
import { filesOfArea, filesUnder } from './files.ts'
import { mutantsOf, shuffled } from './sample.ts'
import { isHarmless, raised, scoresOf, shortfalls, type Tried } from './score.ts'

const changes = (file: string, text: string) =>
  mutantsOf(file, text).map(({ operator, text: changed }) => [operator, changed])

test.each<[string, string, string[][]]>([
  ['a.ts', 'if (a === 1) stop()', [
    ['drop statement', 'if (a === 1) ;'],
    ['invert condition', 'if (!(a === 1)) stop()'],
    ['swap operator', 'if (a !== 1) stop()'],
    ['change number', 'if (a === 2) stop()']
  ]],
  ['a.ts', 'const a = { ...b, c: 60_000 }', [
    ['drop property', 'const a = {  c: 60_000 }'],
    ['drop property', 'const a = { ...b,  }'],
    ['change number', 'const a = { ...b, c: 600000 }']
  ]],
  ['a.ts', "const a = ['x', true]", [
    ['drop element', 'const a = [ true]'],
    ['drop element', "const a = ['x', ]"],
    ['flip boolean', "const a = ['x', false]"],
    ['misspell string', "const a = ['xx', true]"]
  ]],
  ['a.ts', 'const a = /^b$/i', [
    ['drop anchor', 'const a = /b$/i'],
    ['drop anchor', 'const a = /^b/i'],
    ['drop flag', 'const a = /^b$/']
  ]],
  ['a.ts', "import b from 'b'", []],
  ['charts/a/templates/b.yaml', '{{- if eq .a .b }}', [
    ['invert condition', '{{- if not (eq .a .b) }}'],
    ['swap function', '{{- if ne .a .b }}']
  ]],
  ['charts/a/values.yaml', '# Comment\nkeep: true', [
    ['flip boolean', '# Comment\nkeep: false'],
    ['drop line', '# Comment\n']
  ]],
  ['charts/a/templates/b.yaml', 'env:\n  - name: PORT', [
    ['misspell string', 'env:\n  - name: PORTx'],
    ['drop line', 'env:\n']
  ]],
  ['.github/workflows/a.yml', '- name: Build', []],
  ['alert-rules/a.yml', 'expr: up > 3 or vector(0)', [
    ['swap comparison', 'expr: up >= 3 or vector(0)'],
    ['swap function', 'expr: up > 3 and vector(0)'],
    ['drop alternative', 'expr: up > 3'],
    ['change number', 'expr: up > 4 or vector(0)'],
    ['change number', 'expr: up > 3 or vector(1)'],
    ['drop line', '']
  ]],
  ['scripts/a', 'set -o pipefail\n[ -n "$A" ]', [
    ['drop option', 'set\n[ -n "$A" ]'],
    ['drop line', '\n[ -n "$A" ]'],
    ['invert condition', 'set -o pipefail\n[ -z "$A" ]'],
    ['drop line', 'set -o pipefail\n']
  ]],
  ['a.json', '{ "keep": true, "description": "text" }', [
    ['drop property', '{ "description": "text" }'],
    ['flip boolean', '{ "keep": false, "description": "text" }']
  ]]
])('the mistakes in %s: %s', (file, text, expected) => {
  for (const change of expected) expect(changes(file, text)).toContainEqual(change)
  if (expected.length === 0) expect(changes(file, text)).toEqual([])
})

test('a sample stays the same when another line changes', () => {
  const sample = (text: string) =>
    shuffled(mutantsOf('a.ts', text), 'seed').map(({ after }) => after)
  const isOfA = (after: string) => after.startsWith('a')
  expect(sample('a(1)\nb(2)').filter(isOfA)).toEqual(sample('a(1)').filter(isOfA))
  expect(sample('a(1)\nb(2)')).toHaveLength(4)
})

const tried = (area: string, isNoticed: boolean) =>
  ({ area, isNoticed, file: 'a.ts', after: 'b' }) as Tried

test('a score under the floor is a shortfall, and a floor only rises', () => {
  const scores = scoresOf([tried('infra', true), tried('infra', false), tried('charts', true)])
  expect(scores).toEqual({
    infra: { noticed: 1, tried: 2, percent: 50 }, charts: { noticed: 1, tried: 1, percent: 100 }
  })
  expect(shortfalls(scores, { infra: 51, charts: 100 })).toEqual([
    'infra: 50 % of the mutants are noticed, the floor is 51 %'
  ])
  expect(raised(scores, { infra: 51, alerts: 7 })).toEqual({ infra: 51, alerts: 7, charts: 100 })
})

test('a harmless mutant is known by its file and its changed line', () => {
  const harmless = [{ file: 'a.ts', after: 'b', reason: 'prose' }]
  expect(isHarmless(tried('infra', false), harmless)).toBe(true)
  expect(isHarmless({ ...tried('infra', false), file: 'c.ts' }, harmless)).toBe(false)
})

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

test.each([
  ['backend', 'services/backend/src/app.ts', 'services/backend/src/openapi.ts'],
  ['frontend', 'services/frontend/views/layout.hbs', 'services/backend/src/app.ts'],
  ['service-kit', 'services/service-kit/src/config.ts', 'services/service-kit/test/until.ts'],
  ['infra', 'infra/environments/prod.yaml', 'infra/test/synthesis.test.ts'],
  ['charts', 'charts/guestbook-backend/values.yaml', 'charts/guestbook-backend/README.md'],
  [
    'mongodb-chart',
    'charts/guestbook-mongodb/files/start.sh',
    'charts/guestbook-mongodb/README.md'
  ],
  ['alerts', 'alert-rules/rules.yml', 'alert-rules/mongodb_alerts.yml'],
  ['scripts', 'scripts/test.ts', 'alert-rules/generator/slo.ts'],
  ['workflows', '.github/workflows/release.yml', '.github/renovate.json']
])('the area %s has %s and not %s', (name, included, excluded) => {
  const files = filesOfArea(
    ROOT,
    AREAS.find(area => area.name === name)!
  )
  expect(files).toContain(included)
  expect(files).not.toContain(excluded)
})

test('every night all areas are tried', () => {
  const workflow = readFileSync(`${ROOT}.github/workflows/mutants.yml`, 'utf8')
  const paths = [...workflow.matchAll(/ARGS="(.*?) --/g)].flatMap(([, names]) =>
    filesUnder(ROOT, names!.split(' '))
  )
  for (const area of AREAS) expect(paths).toEqual(expect.arrayContaining(filesOfArea(ROOT, area)))
})

test.each([
  ['a suite that fails', 'FAIL a.test.ts\n', { isNoticed: true, by: 'a.test.ts' }],
  ['no suite, but Jest', 'Jest: the option is unknown', 'Jest failed without a failing suite']
])('what notices a mutant is %s', async (_what, output, expected) => {
  const root = mkdtempSync(`${tmpdir()}/mutants-`)
  mkdirSync(`${root}/coverage`)
  const run = async () => ({ status: 1, output })
  const sandbox = { root, run, write: () => {}, restore: () => {} } as unknown as Sandbox
  const area = { name: 'a', files: [], tests: [] }
  const verdict = tryMutant(mutantsOf('a.ts', 'stop()')[0]!, area, sandbox, {})
  if (typeof expected === 'string') await expect(verdict).rejects.toThrow(expected)
  else expect(await verdict).toEqual(expected)
  rmSync(root, { recursive: true })
})
