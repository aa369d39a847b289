/** Expressions and requirements of steps in `make ci`. */
import { expect, test } from '@jest/globals'
import { holds, interpolate, interpolateAll } from '../../scripts/ci/expressions.ts'
import { missing } from '../../scripts/ci/requirements.ts'
import { isOurs, matches, neededJobs, pathsOf, workflowOf } from '../../scripts/ci/workflows.ts'
import { Checkout } from './checkout.ts'

const CONTEXTS = {
  github: { event_name: 'push', ref: 'refs/heads/main', event: {} },
  vars: { RUNNER: 'cluster' },
  needs: { changes: { result: 'success', outputs: { e2e: 'false' } } },
  steps: { one: { outputs: { word: 'hello' } } },
  inputs: { part: 'backend' },
  env: { EMPTY: '' },
  secrets: {},
  job: {},
  runner: { os: 'Linux' }
}

test.each<
  [condition: string | boolean | undefined, afterSuccess: boolean, afterFailure: boolean]
>([
  [undefined, true, false],
  [true, true, false],
  [false, false, false],
  ['true', true, false],
  ['${{ true }}', true, false],
  ['always()', true, true],
  ['${{ always() }}', true, true],
  ['success()', true, false],
  ['failure()', false, true],
  ['cancelled()', false, false],
  ['${{ !cancelled() }}', true, true],
  ['${{ !cancelled() && !failure() }}', true, false],
  ["always() && vars.RUNNER == ''", false, false],
  ["github.ref == 'refs/heads/main'", true, false],
  ["${{ github.event_name == 'pull_request' }}", false, false],
  ["needs.changes.outputs.e2e == 'true'", false, false],
  // A text is true unless it is empty, 'false' too; so is every number but 0.
  ['needs.changes.outputs.e2e', true, false],
  ["'0'", true, false],
  ["''", false, false],
  ['0', false, false],
  ['1', true, false],
  ['null', false, false],
  ['vars.RUNNER', true, false],
  ['vars.ABSENT', false, false],
  ['github.event.pull_request.number', false, false],
  ['\n  ${{ always() &&\n  true }}\n', true, true]
])(
  'a step that is `if: %s` runs after a success: %s, after a failure: %s',
  (condition, afterSuccess, afterFailure) => {
    expect([
      holds(condition, CONTEXTS, 'success'),
      holds(condition, CONTEXTS, 'failure')
    ]).toEqual([afterSuccess, afterFailure])
  }
)

test.each([
  ['plain', 'plain'],
  ['${{ inputs.part }}', 'backend'],
  ['a ${{ steps.one.outputs.word }} b ${{ runner.os }}', 'a hello b Linux'],
  ["${{ vars.ABSENT || 'none' }}", 'none'],
  ['${{ github.event.pull_request.base.sha || github.ref }}', 'refs/heads/main'],
  ['[${{ vars.ABSENT }}]', '[]'],
  ['${{ success() }} ${{ failure() }}', 'true false'],
  ["${{ github.event_name == 'pull_request' && 'change' || 'main' }}", 'main'],
  ['${{ toJSON(needs.changes.outputs)\n}}', '{\n  "e2e": "false"\n}'],
  [7, '7'],
  [true, 'true']
])('%j becomes %j', (text, expected) => {
  expect(interpolate(text, CONTEXTS)).toBe(expected)
  expect(interpolateAll({ a: text, b: 'same' }, CONTEXTS)).toEqual({ a: expected, b: 'same' })
})

test('an unknown context, function or syntax is an error', () => {
  for (const text of ['${{ matrix.os }}', '${{ success( }}', '${{ unknown() }}']) {
    expect(() => interpolate(text, CONTEXTS)).toThrow()
  }
  expect(interpolateAll(undefined, CONTEXTS)).toEqual({})
})

test('requirements are programs, a running Docker and variables', () => {
  const place = new Checkout([], {
    there: '',
    docker: '[ "$BROKEN" != yes ]',
    npm: 'echo https://registry.example/',
    curl: '[ "$BROKEN" != yes ]'
  }).only('bash')
  const env = { PATH: `${place.folder}/.bin`, SET: 'x', EMPTY: '' }
  expect(missing('', env)).toEqual([])
  expect(missing('  there   SET\n', env)).toEqual([])
  expect(missing('there absent SET EMPTY UNSET', env)).toEqual(['absent', 'EMPTY', 'UNSET'])
  expect(missing('docker advisories', env)).toEqual([])
  expect(place.calls).toEqual([
    'docker info',
    'npm config get registry',
    'curl --fail --silent --max-time 10 --json {} ' +
    'https://registry.example/-/npm/v1/security/advisories/bulk'
  ])
  expect(missing('docker advisories there', { ...env, BROKEN: 'yes' })).toEqual([
    'docker',
    'advisories'
  ])
})

test('actions and workflows of this repository differ from third-party ones', () => {
  expect(
    ['./.github/actions/x', 'actions/checkout@v1', 'a/b/.github/workflows/c.yml@v1'].map(isOurs)
  ).toEqual([true, false, false])
  expect(
    [
      './.github/workflows/e2e.yml',
      './.github/actions/x',
      'a/b/.github/workflows/c.yml@v1',
      './.github/workflows/e2e.yaml',
      ''
    ].map(workflowOf)
  ).toEqual(['e2e', undefined, undefined, undefined, undefined])
  expect([{}, { needs: 'a' }, { needs: ['a', 'b'] }].map(neededJobs)).toEqual([
    [],
    ['a'],
    ['a', 'b']
  ])
  expect(pathsOf({ name: 'x', on: { push: { paths: ['a'] } }, jobs: {} })).toEqual(['a'])
  expect(
    pathsOf({ name: 'x', on: { push: {}, pull_request: { paths: ['a'] } }, jobs: {} })
  ).toBeUndefined()
  expect(pathsOf({ name: 'x', on: { workflow_call: null }, jobs: {} })).toBeUndefined()
  expect(matches([], 'a')).toBe(false)
})
