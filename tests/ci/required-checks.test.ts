import { spawnSync } from 'node:child_process'
import { expect, test } from '@jest/globals'
import { failedChecks } from '../../scripts/ci/required-checks.ts'
import { ROOT } from './repository.ts'

const changes = {
  result: 'success',
  outputs: { triggered: '{"backend-deploy":true,"frontend-deploy":false,"e2e":null}' }
}
const passed = { result: 'success' }
const skipped = { result: 'skipped' }

test('a pull request passes when all jobs that it requires have passed', () => {
  const needs = { changes, repository: passed, 'backend-deploy': passed }
  expect(failedChecks({ ...needs, 'frontend-deploy': skipped })).toEqual([])
  expect(failedChecks({ changes, 'frontend-deploy': passed })).toEqual([])
})

test.each(['failure', 'cancelled', 'skipped', 'timed_out', 'neutral', ''])(
  'a required job must not be "%s"',
  result => {
    expect(failedChecks({ changes, 'backend-deploy': { result } })).toEqual([
      expect.stringContaining(`backend-deploy: ${result}`)
    ])
  }
)

test.each(['failure', 'cancelled'])('a job that is not required must not be "%s"', result => {
  expect(failedChecks({ changes, 'frontend-deploy': { result } })).toEqual([
    `frontend-deploy: ${result}`
  ])
})

test.each(['e2e', 'repository', 'comment'])(
  '%s may be skipped only if the path filter says false',
  job => {
    expect(failedChecks({ changes, [job]: skipped })).toHaveLength(1)
  }
)

test.each(['failure', 'cancelled', 'skipped', undefined])(
  'the job with the path filter must not be %s',
  result => {
    const needs = {
      ...(result === undefined ? {} : { changes: { ...changes, result } }),
      'frontend-deploy': skipped,
      repository: passed
    }
    expect(failedChecks(needs)).toEqual([
      `changes: ${result ?? 'missing'}, so the required jobs are unknown`
    ])
  }
)

test('the script prints every failed check and exits accordingly', () => {
  const run = (results?: object) =>
    spawnSync('node', [`${ROOT}scripts/ci/required-checks.ts`], {
      encoding: 'utf8',
      env: { PATH: process.env.PATH, ...(results && { RESULTS: JSON.stringify(results) }) }
    })
  expect(run({ changes, repository: passed })).toMatchObject({ status: 0, stderr: '' })
  const failed = run({ changes, repository: { result: 'cancelled' }, 'backend-deploy': skipped })
  expect(failed).toMatchObject({
    status: 1,
    stdout: expect.stringContaining('cancelled  repository')
  })
  expect(failed.stderr.trim().split('\n')).toEqual([
    'Required checks failed: repository: cancelled',
    'Required checks failed: backend-deploy: skipped, but required by the change'
  ])
  expect(run()).toMatchObject({ status: 2, stderr: expect.stringContaining('RESULTS is not set') })
})
