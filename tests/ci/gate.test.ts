import { spawnSync } from 'node:child_process'
import { expect, test } from '@jest/globals'
import { judge } from '../../scripts/ci/gate.ts'
import { ROOT } from './repository.ts'

const changes = {
  result: 'success',
  outputs: { 'backend-deploy': 'true', 'frontend-deploy': 'false', e2e: '' }
}
const passed = { result: 'success' }

test('the gate opens when all that the change calls for has passed', () => {
  expect(
    judge({
      changes,
      repository: passed,
      'backend-deploy': passed,
      'frontend-deploy': { result: 'skipped' }
    })
  ).toEqual([])
  expect(judge({ changes, 'frontend-deploy': passed })).toEqual([])
})

test.each(['failure', 'cancelled', 'skipped', 'timed_out', 'neutral', ''])(
  'it stays shut when a job that the change calls for is "%s"',
  result => {
    expect(judge({ changes, 'backend-deploy': { result } })).toEqual([
      expect.stringContaining(`backend-deploy: ${result}`)
    ])
  }
)

test.each(['failure', 'cancelled'])(
  'it stays shut on "%s" even where the change calls for nothing',
  result => {
    expect(judge({ changes, 'frontend-deploy': { result } })).toEqual([
      `frontend-deploy: ${result}`
    ])
  }
)

test('a skipped job needs the path filter to say so: no output, or none of that name, is not enough', () => {
  for (const job of ['e2e', 'repository', 'comment']) {
    expect(judge({ changes, [job]: { result: 'skipped' } })).toHaveLength(1)
  }
})

test.each(['failure', 'cancelled', 'skipped', undefined])(
  'without the path filter itself (%s) nothing else counts',
  result => {
    const needs = {
      ...(result === undefined ? {} : { changes: { ...changes, result } }),
      'frontend-deploy': { result: 'skipped' },
      repository: passed
    }
    expect(judge(needs)).toEqual([
      expect.stringMatching(/^changes: (failure|cancelled|skipped|missing), so nobody knows/)
    ])
  }
)

test('every reason is told, and the status follows', () => {
  const gate = (RESULTS?: string) =>
    spawnSync('node', [`${ROOT}scripts/ci/gate.ts`], {
      encoding: 'utf8',
      env: { PATH: process.env.PATH, ...(RESULTS === undefined ? {} : { RESULTS }) }
    })

  expect(gate(JSON.stringify({ changes, repository: passed }))).toMatchObject({
    status: 0,
    stderr: ''
  })
  const shut = gate(
    JSON.stringify({
      changes,
      repository: { result: 'cancelled' },
      'backend-deploy': { result: 'skipped' }
    })
  )
  expect(shut).toMatchObject({
    status: 1,
    stdout: expect.stringContaining('cancelled  repository')
  })
  expect(shut.stderr.trim().split('\n')).toEqual([
    'The gate stays shut: repository: cancelled',
    'The gate stays shut: backend-deploy: skipped, though the change calls for it'
  ])
  expect(gate()).toMatchObject({ status: 2, stderr: expect.stringContaining('RESULTS is not set') })
})
