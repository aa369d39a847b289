/** The text of the comment on a pull request, and the reports that it is made from. */
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { describe, expect, test } from '@jest/globals'
import { temporaryFolder } from '@guestbook/service-kit/testing'
import { manifestDiff } from '../../scripts/pr-comment/manifests.ts'
import { markdown, type Report } from '../../scripts/pr-comment/markdown.ts'
import { readReports } from '../../scripts/pr-comment/reports.ts'
import { git, initRepository } from './checkout.ts'
import { ROOT } from './repository.ts'

const EMPTY: Report = { jobs: {}, tests: [], images: [], plan: undefined, manifests: '' }

describe('the text', () => {
  test('compares every figure with main', () => {
    const text = markdown({
      ...EMPTY,
      jobs: {
        changes: { result: 'success' },
        'backend-deploy': { result: 'success' },
        'frontend-deploy': { result: 'skipped' },
        e2e: { result: 'cancelled' }
      },
      tests: [
        {
          name: 'backend-tests',
          change: { passed: 500, failed: 1, suites: 40, lines: 96.24 },
          main: { passed: 497, failed: 0, suites: 40, lines: 96.5 }
        },
        { name: 'journeys', change: { passed: 60, failed: 0, suites: 9 }, main: undefined }
      ],
      images: [
        { name: 'backend-image', change: { bytes: 209_715_200 }, main: { bytes: 209_715_200 } }
      ]
    })
    expect(text).toBe(`### Results of this change

✅ backend-deploy · ➖ frontend-deploy · ❌ e2e (cancelled)

| tests | passed | failed | line coverage |
| --- | --- | --- | --- |
| backend | 500 (+3) | 1 | 96.2 % (−0.3) |
| journeys | 60 (main: unknown) | 0 |  |

| image | size |
| --- | --- |
| backend | 200 MiB (=) |

Manifests: no changes.`)
  })

  test.each([
    [
      { passed: 10, failed: 0, suites: 1, lines: 96.24 },
      { passed: 10, failed: 0, suites: 1, lines: 96.24 },
      '10 (=) | 0 | 96.2 % (=)'
    ],
    [
      { passed: 10, failed: 2, suites: 1, lines: 96.25 },
      { passed: 12, failed: 0, suites: 1, lines: 96.14 },
      '10 (−2) | 2 | 96.3 % (+0.1)'
    ],
    [
      { passed: 10, failed: 0, suites: 1, lines: 96.24 },
      { passed: 7, failed: 0, suites: 1 },
      '10 (+3) | 0 | 96.2 % (main: unknown)'
    ],
    [
      { passed: 0, failed: 0, suites: 0 },
      { passed: 0, failed: 0, suites: 0, lines: 1 },
      '0 (=) | 0 | '
    ]
  ])('a figure is rounded to a tenth, and so is its difference: %j', (change, main, row) => {
    expect(markdown({ ...EMPTY, tests: [{ name: 'x-tests', change, main }] })).toContain(
      `| x | ${row} |\n\nManifests`
    )
  })

  test('the kind is removed from the end of names only, and sizes are in MiB', () => {
    const text = markdown({
      ...EMPTY,
      images: [
        { name: 'image-a-image', change: { bytes: 1_572_864 }, main: { bytes: 1_048_576 } }
      ],
      tests: [{ name: 'tests-b', change: { passed: 1, failed: 0, suites: 1 }, main: undefined }]
    })
    expect(text).toContain('| image-a | 1.5 MiB (+0.5) |')
    expect(text).toContain('| tests-b | 1 (main: unknown) | 0 |  |')
  })

  test('colours of a plan are removed', () => {
    expect(
      markdown({
        ...EMPTY,
        plan: '\u001B[1mPlan:\u001B[0m 1 to add, 0 to change, 0 to destroy.\n'
      })
    ).toContain(
      '<details><summary>Plan: 1 to add, 0 to change, 0 to destroy</summary>\n\n```\nPlan: 1 to ' +
      'add, 0 to change, 0 to destroy.\n```\n</details>'
    )
  })

  test('texts of more than 25,000 characters are cut', () => {
    const plan = (length: number) =>
      markdown({ ...EMPTY, plan: `${'x'.repeat(99)}\n`.repeat(length / 100) })
    expect(plan(25_000)).not.toContain('more lines')
    expect(plan(25_100)).toContain(`${'x'.repeat(99)}\n… and 1 more lines\n`)
    expect(plan(25_200)).toContain('\n… and 2 more lines\n')
  })

  test.each([
    ['No changes. Your infrastructure matches the configuration.', 'no changes'],
    [
      '\ncluster:\n  No changes. Fine.\n\nplatform:\n  \u001B[1mPlan:\u001B[0m 1 to add, 2 to ' +
      'change, 0 to destroy.\n\nguestbook:\n  cannot be planned before the stacks above it exist',
      'platform: 1 to add, 2 to change, 0 to destroy; guestbook cannot be planned before the ' +
      'stacks above it exist'
    ],
    ['Error: no cluster', 'no summary from Terraform']
  ])('summarises the plan %j', (plan, summary) => {
    expect(markdown({ ...EMPTY, plan })).toContain(`<summary>Plan: ${summary}</summary>`)
  })

  test('shows the diff of manifests in a fence that its content cannot close', () => {
    const text = markdown({
      ...EMPTY,
      manifests: '--- main/a\n+++ change/a\n-replicas: 1\n+replicas: 2\n+note: "```` <script>"\n'
    })
    expect(text).toContain('<summary>Manifests: 2 lines added, 1 lines removed</summary>')
    expect(text).toContain('\n`````diff\n--- main/a')
    expect(text.endsWith('\n`````\n</details>')).toBe(true)
  })

  test('stays below the limit of GitHub, and counts the lines left out', () => {
    const long = '+ one more line of a manifest\n'.repeat(10_000)
    const text = markdown({ ...EMPTY, plan: long, manifests: long })
    expect(text.length).toBeLessThan(65_536)
    expect(text).toMatch(/… and \d{4} more lines/)
  })

  test('reports that manifests could not be rendered', () => {
    expect(markdown({ ...EMPTY, manifests: undefined })).toContain(
      'Manifests: rendering failed.'
    )
  })
})

/** A folder as download-artifact leaves it. */
function downloaded (files: Record<string, unknown>): string {
  const folder = temporaryFolder()
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(`${folder}/${path.replace(/\/[^/]*$/, '')}`, { recursive: true })
    writeFileSync(
      `${folder}/${path}`,
      typeof content === 'string' ? content : JSON.stringify(content)
    )
  }
  return folder
}

test('reads the reports of all jobs, with or without those of main', () => {
  const tests = { passed: 1, failed: 0, suites: 1 }
  const folder = downloaded({
    'report-backend-tests/change/tests.json': tests,
    'report-backend-tests/main/tests.json': { ...tests, passed: 2 },
    'report-frontend-image/change/image.json': { bytes: 5 },
    'report-infra-tests/main/tests.json': tests,
    'report-plan/change/plan.txt': 'No changes.',
    'other/change/tests.json': tests,
    'report-a-tests/change/tests.json': tests,
    'report-b-image/change/image.json': { bytes: 6 },
    'report-b-image/main/image.json': { bytes: 7 }
  })
  expect(readReports(folder)).toEqual({
    tests: [
      { name: 'a-tests', change: tests, main: undefined },
      { name: 'backend-tests', change: tests, main: { ...tests, passed: 2 } }
    ],
    images: [
      { name: 'b-image', change: { bytes: 6 }, main: { bytes: 7 } },
      { name: 'frontend-image', change: { bytes: 5 }, main: undefined }
    ],
    plan: 'No changes.'
  })
  expect(readReports(`${folder}/absent`)).toEqual({ tests: [], images: [], plan: undefined })
})

test('manifests are compared with those of a commit', () => {
  const root = temporaryFolder()
  cpSync(`${ROOT}charts/guestbook-frontend`, `${root}/charts/guestbook-frontend`, {
    recursive: true
  })
  initRepository(root)
  git(root, 'add', '.')
  git(root, 'commit', '--quiet', '--message', 'Begin')
  expect(manifestDiff(root, 'HEAD')).toBe('')

  const values = `${root}/charts/guestbook-frontend/values.yaml`
  writeFileSync(
    values,
    readFileSync(values, 'utf8').replace('rateLimitPosts: 100', 'rateLimitPosts: 101')
  )
  expect(manifestDiff(root, 'HEAD')).toMatch(/^-\s+value: "100"\n\+\s+value: "101"$/m)

  cpSync(`${ROOT}charts/guestbook-backend`, `${root}/charts/guestbook-backend`, { recursive: true })
  expect(manifestDiff(root, 'HEAD')).toContain('+++ b/change/guestbook-backend-default.yaml')
  expect(() => manifestDiff(root, 'no-such-commit')).toThrow()
})
