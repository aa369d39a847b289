/** Security of the workflows themselves. */
import { readdirSync } from 'node:fs'
import { describe, expect, test } from '@jest/globals'
import {
  isOurs,
  neededJobs,
  readAction,
  readWorkflow,
  workflowNames,
  workflowOf,
  type Job
} from '../../scripts/ci/workflows.ts'
import { run } from '../charts/tools.ts'
import { FILES, read, ROOT } from './repository.ts'

const NAMES = workflowNames(ROOT)
const workflows = NAMES.map(name => ({ ...readWorkflow(ROOT, name), name }))
const jobs = workflows.flatMap(({ name, jobs }) =>
  Object.entries(jobs).map(([id, job]) => ({ id: `${name} / ${id}`, job }))
)
const texts = FILES.filter(file => file.startsWith('.github/') && file.endsWith('.yml')).map(
  file => ({ file, text: read(file) })
)

test('actionlint finds nothing', async () => {
  // Without linters of commands, which only some computers have.
  const { status, stdout } = await run('actionlint', ['-no-color', '-shellcheck=', '-pyflakes='])
  expect({ status, stdout }).toEqual({ status: 0, stdout: '' })
})

test('third-party actions are pinned by commit, in one version each', () => {
  const uses = texts
    .flatMap(({ file, text }) =>
      [...text.matchAll(/uses: (\S+)(.*)/g)].map(([, action, comment]) => ({
        file,
        action: action!,
        comment: comment!
      }))
    )
    .filter(({ action }) => !isOurs(action))
  expect(uses.length).toBeGreaterThan(30)
  expect(
    uses.filter(
      ({ action, comment }) =>
        !/^[\w-]+\/[\w./-]+@[0-9a-f]{40}$/.test(action) || !/^ # v\d+\.\d+\.\d+$/.test(comment)
    )
  ).toEqual([])

  const versions = Map.groupBy(uses, ({ action }) => action.split('@')[0]!)
  expect(
    [...versions]
      .filter(([, all]) => new Set(all.map(({ action, comment }) => action + comment)).size > 1)
      .map(([action]) => action)
  ).toEqual([])
})

/** All write permissions. A new one needs a reason in the workflow. */
const WRITERS: Record<string, string[]> = {
  'backend-deploy / service': ['contents', 'packages', 'id-token'],
  'frontend-deploy / service': ['contents', 'packages', 'id-token'],
  'service / deploy': ['contents', 'packages', 'id-token'],
  'infra-deploy / deploy': ['contents', 'packages', 'id-token'],
  'pull-request / backend-deploy': ['contents', 'packages', 'id-token'],
  'pull-request / frontend-deploy': ['contents', 'packages', 'id-token'],
  'pull-request / infra-deploy': ['contents', 'packages', 'id-token'],
  'pull-request / comment': ['pull-requests'],
  'pull-request / security': ['security-events'],
  'security / code': ['security-events'],
  'deploy / publish': ['packages', 'id-token'],
  'deploy / commit': ['contents'],
  'release / publish': ['packages', 'id-token'],
  'release / page': ['contents']
}

test('jobs have read permissions only, except those listed', () => {
  for (const { name, permissions } of workflows) {
    expect({ name, permissions }).toEqual({ name, permissions: { contents: 'read' } })
  }
  const writing = jobs.map(
    ({ id, job }) =>
      [
        id,
        Object.entries(job.permissions ?? {})
          .filter(([, right]) => right === 'write')
          .map(([scope]) => scope)
      ] as const
  )
  expect(Object.fromEntries(writing.filter(([, scopes]) => scopes.length > 0))).toEqual(WRITERS)
})

test('jobs with permissions to deploy run on main only', () => {
  for (const name of ['service', 'infra-deploy']) {
    const writers = Object.values(readWorkflow(ROOT, name).jobs).filter(({ permissions }) =>
      Object.values(permissions ?? {}).includes('write')
    )
    expect(writers.map(job => job.if)).toEqual(["${{ github.ref == 'refs/heads/main' }}"])
  }
})

test('secrets reach the deployment only, and no code of a fork', () => {
  for (const { on } of workflows) {
    expect(Object.keys(on)).not.toEqual(expect.arrayContaining(['pull_request_target']))
  }
  const secrets = texts.flatMap(({ file, text }) =>
    [...text.matchAll(/secrets\.(\w+)/g)].map(
      ([, secret]) => `${file.replace('.github/workflows/', '')} ${secret}`
    )
  )
  expect([...new Set(secrets)].sort()).toEqual(
    ['backend-deploy', 'deploy', 'frontend-deploy', 'infra-deploy', 'service'].map(
      name => `${name}.yml PAGERDUTY_INTEGRATION_KEY`
    )
  )
  expect(texts.filter(({ text }) => /secrets: inherit|workflow_run/.test(text))).toEqual([])
  const passing = jobs.filter(({ job }) => job.secrets !== undefined).map(({ id }) => id)
  expect(passing.sort()).toEqual([
    'backend-deploy / service',
    'frontend-deploy / service',
    'infra-deploy / deploy',
    'service / deploy'
  ])
})

test('commands interpolate the name of a service only', () => {
  const actions = readdirSync(`${ROOT}.github/actions`)
    .flatMap(name => readAction(ROOT, `./.github/actions/${name}`))
  const commands = [...jobs.flatMap(({ job }) => job.steps ?? []), ...actions]
    .flatMap(({ run }) => run?.replaceAll(/\$\{\{ inputs\.(service|part) \}\}/g, '') ?? [])
  expect(commands.length).toBeGreaterThan(30)
  expect(commands.filter(run => run.includes('${{') || run.includes('\n'))).toEqual([])
})

test.each(jobs)('$id has a timeout, and its checkout keeps no credentials', ({ id, job }) => {
  if (job.uses !== undefined) return expect(isOurs(job.uses)).toBe(true)
  expect(job['timeout-minutes']).toBeLessThanOrEqual(60)
  const checkouts = (job.steps ?? []).filter(({ uses }) => uses?.startsWith('actions/checkout@'))
  const keeping = checkouts.filter(({ with: inputs }) => inputs?.['persist-credentials'] !== false)
  expect(keeping).toHaveLength(id === 'deploy / commit' ? 1 : 0)
})

test('runs of a workflow do not overlap, and only pull requests cancel theirs', () => {
  for (const { name, on, ...rest } of workflows) {
    if (Object.keys(on).join() === 'workflow_call') continue
    const { concurrency } = rest as unknown as {
      concurrency?: { group: string; 'cancel-in-progress'?: unknown }
    }
    expect({ name, group: concurrency?.group.startsWith(name) }).toEqual({ name, group: true })
    expect([undefined, "${{ github.event_name == 'pull_request' }}"]).toContain(
      concurrency!['cancel-in-progress']
    )
  }
})

describe('the job required-checks', () => {
  const { jobs } = readWorkflow(ROOT, 'pull-request')
  const { 'required-checks': checks, ...others } = jobs as Record<string, Job>

  test('needs every other job of a pull request, and always runs', () => {
    expect(neededJobs(checks!).sort()).toEqual(Object.keys(others).sort())
    expect(checks!.if).toBe('${{ always() }}')
    expect(checks!.steps!.at(-1)).toEqual({
      run: 'make required-checks',
      env: { RESULTS: '${{ toJSON(needs) }}' }
    })
  })

  const filtered = Object.entries(others).filter(
    ([, job]) => neededJobs(job).includes('changes') && job.uses !== undefined
  )
  test('has the path filter of each called workflow', () => {
    for (const [id, job] of filtered) {
      expect(workflowOf(job.uses!)).toBe(id)
      expect(job.if).toBe(`\${{ fromJSON(needs.changes.outputs.triggered).${id} }}`)
    }
    const names = workflows.filter(({ on }) => on.push?.paths !== undefined).map(({ name }) => name)
    expect(filtered.map(([id]) => id).sort()).toEqual(names.sort())
    expect(others.changes!.outputs).toEqual({
      triggered: '${{ steps.changes.outputs.triggered }}'
    })
  })

  test('no job of a pull request fails silently, or is skipped except by the path filter', () => {
    expect(texts.filter(({ text }) => text.includes('continue-on-error'))).toEqual([])
    const conditions = Object.entries(others)
      .filter(([id, job]) => job.if !== undefined && !filtered.some(([name]) => name === id))
      .map(([id, job]) => [id, job.if])
    expect(conditions).toEqual([['comment', '${{ !cancelled() }}']])
  })
})
