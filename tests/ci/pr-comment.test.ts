import { execFile, execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { temporaryFolder } from '@guestbook/service-kit/testing'
import { MARK, writeComment } from '../../scripts/pr-comment/comment.ts'
import { manifestDiff } from '../../scripts/pr-comment/manifests.ts'
import { markdown, type Report } from '../../scripts/pr-comment/markdown.ts'
import { readReports } from '../../scripts/pr-comment/reports.ts'
import { BOT, startGitHub, type StandIn } from './github-stand-in.ts'
import { ROOT } from './repository.ts'

let github: StandIn
beforeEach(async () => { github = await startGitHub() })
afterEach(async () => { await github.stop() })

describe('the comment', () => {
  test('is made once and then changed in place', async () => {
    expect(await writeComment(github.api, '7', 'first')).toBe('created')
    expect(await writeComment(github.api, '7', 'second')).toBe('updated')
    expect(github.comments).toEqual([{ id: 1, body: `${MARK}\nsecond`, user: { login: BOT } }])
  })

  test('is found behind hundreds of others', async () => {
    for (let id = 1; id <= 250; id++) github.comments.push({ id, body: id === 230 ? `${MARK}\nold` : 'LGTM', user: { login: id === 230 ? BOT : 'ann' } })
    expect(await writeComment(github.api, '7', 'new')).toBe('updated')
    expect(github.comments[229]!.body).toBe(`${MARK}\nnew`)
    expect(github.comments).toHaveLength(250)
  })

  test('of somebody else who has copied the mark stays as it is', async () => {
    github.comments.push({ id: 1, body: `${MARK}\nmine`, user: { login: 'mallory' } })
    expect(await writeComment(github.api, '7', 'ours')).toBe('created')
    expect(github.comments.map(({ body }) => body)).toEqual([`${MARK}\nmine`, `${MARK}\nours`])
  })

  test('is tried again while GitHub is out of breath', async () => {
    github.failures.push(['GET', 502, 'Bad gateway'], ['GET', 429, 'Slow down'])
    expect(await writeComment(github.api, '7', 'text')).toBe('created')
    expect(github.calls).toEqual(['GET issues/7/comments?page=1', 'GET issues/7/comments?page=1', 'GET issues/7/comments?page=1', 'POST issues/7/comments'])
  })

  test('is not posted a second time when nobody knows whether the first has arrived', async () => {
    github.failures.push(['POST', 502, 'Bad gateway'])
    await expect(writeComment(github.api, '7', 'text')).rejects.toThrow('GitHub answered 502 to POST issues/7/comments: Bad gateway')
    expect(github.calls.filter(call => call.startsWith('POST'))).toHaveLength(1)
  })

  test.each([[403, 'Resource not accessible by integration'], [503, 'Unavailable']])('tells when GitHub says %s', async (status, message) => {
    for (let n = 0; n < 3; n++) github.failures.push(['GET', status, message])
    await expect(writeComment(github.api, '7', 'text')).rejects.toThrow(`GitHub answered ${status} to GET issues/7/comments?per_page=100&page=1: ${message}`)
  })
})

const EMPTY: Report = { jobs: {}, tests: [], images: [], plan: undefined, manifests: '' }

describe('its text', () => {
  test('compares every figure with main', () => {
    const text = markdown({
      ...EMPTY,
      jobs: { changes: { result: 'success' }, 'backend-deploy': { result: 'success' }, 'frontend-deploy': { result: 'skipped' }, e2e: { result: 'cancelled' } },
      tests: [
        { name: 'backend-tests', change: { passed: 500, failed: 1, suites: 40, lines: 96.24 }, main: { passed: 497, failed: 0, suites: 40, lines: 96.5 } },
        { name: 'journeys', change: { passed: 60, failed: 0, suites: 9 }, main: undefined }
      ],
      images: [{ name: 'backend-image', change: { bytes: 209_715_200 }, main: { bytes: 209_715_200 } }]
    })
    expect(text).toBe(`### What this change does

✅ backend-deploy · ➖ frontend-deploy · ❌ e2e (cancelled)

| tests | passed | failed | line coverage |
| --- | --- | --- | --- |
| backend | 500 (+3) | 1 | 96.2 % (−0.3) |
| journeys | 60 (main: not known) | 0 |  |

| image | size |
| --- | --- |
| backend | 200 MiB (=) |

Manifests: as on main.`)
  })

  test.each([
    ['No changes. Your infrastructure matches the configuration.', 'no changes'],
    ['\ncluster:\n  No changes. Fine.\n\nplatform:\n  \u001B[1mPlan:\u001B[0m 1 to add, 2 to change, 0 to destroy.\n\nguestbook:\n  cannot be planned before the stacks above it exist', 'platform: 1 to add, 2 to change, 0 to destroy; guestbook cannot be planned before the stacks above it exist'],
    ['Error: no cluster', 'Terraform gave no summary']
  ])('sums a plan up: %j', (plan, summary) => {
    expect(markdown({ ...EMPTY, plan })).toContain(`<summary>Plan: ${summary}</summary>`)
  })

  test('shows what changes in the manifests in a fence that nothing in them can close', () => {
    const text = markdown({ ...EMPTY, manifests: '--- main/a\n+++ change/a\n-replicas: 1\n+replicas: 2\n+note: "```` <script>"\n' })
    expect(text).toContain('<summary>Manifests: 2 lines more, 1 lines less</summary>')
    expect(text).toContain('\n`````diff\n--- main/a')
    expect(text.endsWith('\n`````\n</details>')).toBe(true)
  })

  test('stays below what GitHub takes, and says what it leaves out', () => {
    const long = '+ one more line of a manifest\n'.repeat(10_000)
    const text = markdown({ ...EMPTY, plan: long, manifests: long })
    expect(text.length).toBeLessThan(65_536)
    expect(text).toMatch(/… and \d{4} more lines/)
  })

  test('says so when manifests could not be rendered', () => {
    expect(markdown({ ...EMPTY, manifests: undefined })).toContain('Manifests could not be rendered.')
  })
})

/** A folder as download-artifact leaves it. */
function downloaded (files: Record<string, unknown>): string {
  const folder = temporaryFolder()
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(`${folder}/${path.replace(/\/[^/]*$/, '')}`, { recursive: true })
    writeFileSync(`${folder}/${path}`, typeof content === 'string' ? content : JSON.stringify(content))
  }
  return folder
}

test('reports are read from what the jobs have left, and main may be missing', () => {
  const tests = { passed: 1, failed: 0, suites: 1 }
  const folder = downloaded({
    'report-backend-tests/change/tests.json': tests,
    'report-backend-tests/main/tests.json': { ...tests, passed: 2 },
    'report-frontend-image/change/image.json': { bytes: 5 },
    'report-infra-tests/main/tests.json': tests,
    'report-plan/change/plan.txt': 'No changes.',
    'other/change/tests.json': tests
  })
  expect(readReports(folder)).toEqual({
    tests: [{ name: 'backend-tests', change: tests, main: { ...tests, passed: 2 } }],
    images: [{ name: 'frontend-image', change: { bytes: 5 }, main: undefined }],
    plan: 'No changes.'
  })
  expect(readReports(`${folder}/absent`)).toEqual({ tests: [], images: [], plan: undefined })
})

test('manifests are compared with those of a commit: a changed value, a new chart, nothing', () => {
  const root = temporaryFolder()
  const git = (...args: string[]) => execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@example', ...args], { cwd: root, stdio: 'pipe' })
  cpSync(`${ROOT}charts/guestbook-frontend`, `${root}/charts/guestbook-frontend`, { recursive: true })
  git('init', '--quiet')
  git('add', '.')
  git('commit', '--quiet', '--message', 'Begin')
  expect(manifestDiff(root, 'HEAD')).toBe('')

  const values = `${root}/charts/guestbook-frontend/values.yaml`
  writeFileSync(values, readFileSync(values, 'utf8').replace('rateLimitPosts: 100', 'rateLimitPosts: 101'))
  expect(manifestDiff(root, 'HEAD')).toMatch(/^-\s+value: "100"\n\+\s+value: "101"$/m)

  cpSync(`${ROOT}charts/guestbook-backend`, `${root}/charts/guestbook-backend`, { recursive: true })
  expect(manifestDiff(root, 'HEAD')).toContain('+++ b/change/guestbook-backend-default.yaml')
  expect(() => manifestDiff(root, 'no-such-commit')).toThrow()
})

describe('make pr-comment', () => {
  async function run (env: Record<string, string>) {
    const { PATH = '' } = process.env
    return await promisify(execFile)('node', [`${ROOT}scripts/pr-comment/main.ts`], { cwd: ROOT, env: { PATH: `${ROOT}.tools/bin:${PATH}`, BASE: 'HEAD', REPORTS_FOLDER: temporaryFolder(), ...env } })
      .then(({ stdout, stderr }) => ({ status: 0, stdout, stderr }), (error: { code: number, stdout: string, stderr: string }) => ({ status: error.code, stdout: error.stdout, stderr: error.stderr }))
  }
  const onGitHub = () => ({ GITHUB_API_URL: github.api.url, GITHUB_TOKEN: github.api.token, GITHUB_REPOSITORY: github.api.repository, PULL_REQUEST: '7' })

  test('writes the comment and the summary of the run', async () => {
    const summary = `${temporaryFolder()}/summary`
    expect(await run({ ...onGitHub(), RESULTS: '{"e2e":{"result":"success"}}', GITHUB_STEP_SUMMARY: summary })).toMatchObject({ status: 0, stdout: 'The comment is created.\n' })
    expect(github.comments[0]!.body).toContain('✅ e2e')
    expect(readFileSync(summary, 'utf8')).toContain('✅ e2e')
  })

  test('prints it for a fork, whose token cannot write, and where there is no pull request', async () => {
    for (const env of [{ ...onGitHub(), FROM_FORK: 'true' }, {}]) expect((await run(env)).stdout).toContain('### What this change does')
    expect(github.calls).toEqual([])
  })

  test('fails with what is wrong', async () => {
    expect(await run({ PULL_REQUEST: '7' })).toMatchObject({ status: 1, stderr: 'GITHUB_TOKEN and GITHUB_REPOSITORY must be set, as a workflow has them\n' })
    expect(await run({ ...onGitHub(), GITHUB_TOKEN: 'wrong' })).toMatchObject({ status: 1, stderr: expect.stringContaining('GitHub answered 401') })
  })
})
