import { expect, test } from '@jest/globals'
import { temporaryFolder } from '@guestbook/service-kit/testing'
import { mkdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { AREAS, filesOfArea, filesUnder } from './areas.ts'
import { mutantsOf, shuffled } from './mutant.ts'
import type { Sandbox } from './sandbox.ts'
import {
  isHarmless, raised, scoresOf, shortfalls, type Harmless, type Tried
} from './score.ts'
import { tryMutant } from './trial.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const read = (file: string) => readFileSync(`${ROOT}${file}`, 'utf8')

const TEMPLATE = 'charts/a/templates/b.yaml'
const QUERY = 'expr: up > 3 or vector(0)'
const SCRIPT = 'set -o pipefail\n[ -n "$A" ]'

test.each([
  ['a.ts', 'if (a === 1) stop()', 'drop statement', 'if (a === 1) ;'],
  ['a.ts', 'if (a === 1) stop()', 'invert condition', 'if (!(a === 1)) stop()'],
  ['a.ts', 'if (a === 1) stop()', 'swap operator', 'if (a !== 1) stop()'],
  ['a.ts', 'if (a === 1) stop()', 'change number', 'if (a === 2) stop()'],
  ['a.ts', 'const a = { ...b, c: 60_000 }', 'drop property', 'const a = { c: 60_000 }'],
  ['a.ts', 'const a = { ...b, c: 60_000 }', 'drop property', 'const a = { ...b }'],
  ['a.ts', 'const a = { ...b, c: 60_000 }', 'change number', 'const a = { ...b, c: 600000 }'],
  ['a.ts', "const a = ['x', true]", 'drop element', 'const a = [true]'],
  ['a.ts', "const a = ['x', true]", 'drop element', "const a = ['x']"],
  ['a.ts', "const a = ['x', true]", 'flip boolean', "const a = ['x', false]"],
  ['a.ts', "const a = ['x', true]", 'misspell string', "const a = ['xx', true]"],
  ['a.ts', 'const a = /^b$/i', 'drop anchor', 'const a = /b$/i'],
  ['a.ts', 'const a = /^b$/i', 'drop anchor', 'const a = /^b/i'],
  ['a.ts', 'const a = /^b$/i', 'drop flag', 'const a = /^b$/'],
  [TEMPLATE, '{{- if eq .a .b }}', 'invert condition', '{{- if not (eq .a .b) }}'],
  [TEMPLATE, '{{- if eq .a .b }}', 'swap function', '{{- if ne .a .b }}'],
  ['charts/a/values.yaml', '# Comment\nkeep: true', 'flip boolean', '# Comment\nkeep: false'],
  ['charts/a/values.yaml', '# Comment\nkeep: true', 'drop line', '# Comment\n'],
  [TEMPLATE, 'env:\n  - name: PORT', 'misspell string', 'env:\n  - name: PORTx'],
  [TEMPLATE, 'env:\n  - name: PORT', 'drop line', 'env:\n'],
  ['alert-rules/a.yml', QUERY, 'swap comparison', 'expr: up >= 3 or vector(0)'],
  ['alert-rules/a.yml', QUERY, 'swap function', 'expr: up > 3 and vector(0)'],
  ['alert-rules/a.yml', QUERY, 'drop alternative', 'expr: up > 3'],
  ['alert-rules/a.yml', QUERY, 'change number', 'expr: up > 4 or vector(0)'],
  ['alert-rules/a.yml', QUERY, 'change number', 'expr: up > 3 or vector(1)'],
  ['alert-rules/a.yml', QUERY, 'drop line', ''],
  ['scripts/a', SCRIPT, 'drop option', 'set\n[ -n "$A" ]'],
  ['scripts/a', SCRIPT, 'drop line', '\n[ -n "$A" ]'],
  ['scripts/a', SCRIPT, 'invert condition', 'set -o pipefail\n[ -z "$A" ]'],
  ['scripts/a', SCRIPT, 'drop line', 'set -o pipefail\n'],
  ['a.json', '{ "a": true, "note": "text" }', 'drop property', '{ "note": "text" }'],
  ['a.json', '{ "a": true, "note": "text" }', 'flip boolean', '{ "a": false, "note": "text" }']
])('a mutant of %s %j: %s', (file, text, operator, changed) => {
  expect(mutantsOf(file, text)).toContainEqual(expect.objectContaining({ operator, text: changed }))
})

test.each([['a.ts', "import b from 'b'"], ['.github/workflows/a.yml', '- name: Build']])(
  '%s has no mutants of %j', (file, text) => {
    expect(mutantsOf(file, text)).toEqual([])
  }
)

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

test('a harmless mutant is identified by its file and its changed line', () => {
  const harmless = { 'a.ts': { b: 'prose' } }
  expect(isHarmless(tried('infra', false), harmless)).toBe(true)
  expect(isHarmless({ ...tried('infra', false), file: 'c.ts' }, harmless)).toBe(false)
})

test('every harmless mutant can be made of the present files', () => {
  const harmless: Harmless = JSON.parse(read('scripts/mutants/harmless.json'))
  const files = AREAS.flatMap(area => filesOfArea(ROOT, area))
  for (const [file, changes] of Object.entries(harmless)) {
    expect(files).toContain(file)
    const possible = mutantsOf(file, read(file)).map(({ after }) => after)
    expect(possible).toEqual(expect.arrayContaining(Object.keys(changes)))
  }
})

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
  const files = filesOfArea(ROOT, AREAS.find(area => area.name === name)!)
  expect(files).toContain(included)
  expect(files).not.toContain(excluded)
})

test('every night all areas are tried', () => {
  const paths = [...read('.github/workflows/mutants.yml').matchAll(/ARGS="(.*?) --/g)]
    .flatMap(([, names]) => filesUnder(ROOT, names!.split(' ')))
  for (const area of AREAS) expect(paths).toEqual(expect.arrayContaining(filesOfArea(ROOT, area)))
})

function tryStop (output: string) {
  const root = temporaryFolder()
  mkdirSync(`${root}/coverage`)
  const run = async () => ({ status: 1, output })
  const sandbox = { root, run, write: () => {}, restore: () => {} } as unknown as Sandbox
  const area = { name: 'a', files: [], tests: [] }
  return tryMutant(mutantsOf('a.ts', 'stop()')[0]!, area, sandbox, {})
}

test('a failing suite notices a mutant, and a failure of Jest itself does not', async () => {
  expect(await tryStop('FAIL a.test.ts\n')).toEqual({ isNoticed: true, by: 'a.test.ts' })
  await expect(tryStop('Jest: the option is unknown'))
    .rejects.toThrow('Jest failed without a failing suite')
})
