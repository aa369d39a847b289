import { execFileSync, spawnSync } from 'node:child_process'
import { appendFileSync, cpSync, globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { FILES, ROOT } from './repository.ts'

const WITH_VERSION = ['package.json', 'package-lock.json', 'infra/package.json', 'tests/package.json', ...globSync('{services/*/package.json,charts/*/Chart.yaml}', { cwd: ROOT })].sort()
const ABOVE = '9.8.7'

let clone: string
const git = (...args: string[]) => execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@example', ...args], { cwd: clone, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim()
const readClone = (file: string) => readFileSync(join(clone, file), 'utf8')
const current = () => JSON.parse(readClone('package.json')).version as string

/** A small repository with this one's places of the version. */
beforeEach(() => {
  clone = mkdtempSync(join(tmpdir(), 'guestbook-release-'))
  for (const file of WITH_VERSION) cpSync(join(ROOT, file), join(clone, file))
  writeFileSync(join(clone, 'CHANGELOG.md'), '# Changelog\n\n## Unreleased\n\n- Something new.\n\n## 0.0.1 (2020-01-01)\n\n- Something old.\n')
  git('init', '--quiet', '--initial-branch', 'main')
  git('add', '.')
  git('commit', '--quiet', '--message', 'Begin')
})
afterEach(() => { rmSync(clone, { recursive: true }) })

function release (...args: string[]) {
  const identity = { GIT_AUTHOR_NAME: 't', GIT_AUTHOR_EMAIL: 't@example', GIT_COMMITTER_NAME: 't', GIT_COMMITTER_EMAIL: 't@example' }
  const { status, stdout, stderr } = spawnSync('node', [join(ROOT, 'scripts/release.ts'), ...args], { cwd: clone, encoding: 'utf8', env: { PATH: process.env.PATH, ...identity } })
  return { status, stdout, stderr }
}

test('one version is written everywhere, with a section of the changelog, as one commit with one tag', () => {
  const before = current()
  expect(release(ABOVE)).toMatchObject({ status: 0, stderr: '', stdout: expect.stringContaining('git push --follow-tags') })

  expect(git('show', '--name-only', '--format=%s').split('\n').filter(Boolean).sort()).toEqual(['CHANGELOG.md', `Release ${ABOVE}`, ...WITH_VERSION].sort())
  expect(git('describe')).toBe(`v${ABOVE}`)
  expect(git('status', '--porcelain')).toBe('')
  expect(readClone('CHANGELOG.md')).toMatch(new RegExp(`^# Changelog\n\n## Unreleased\n\n## ${ABOVE} \\(\\d{4}-\\d\\d-\\d\\d\\)\n\n- Something new.\n\n## 0.0.1`))
  // Nothing but the version has changed: as many lines go as come, and none of ours keeps the old one.
  for (const line of git('show', '--numstat', '--format=', '--', '*.json', '*.yaml').split('\n')) expect(line).toMatch(/^(\d+)\t\1\t/)
  for (const file of WITH_VERSION.filter(file => file !== 'package-lock.json')) expect(readClone(file)).not.toContain(`"${before}"`)
  expect(release('--check', `v${ABOVE}`)).toEqual({ status: 0, stdout: '', stderr: '' })
  expect(release('--notes', `v${ABOVE}`).stdout).toBe('- Something new.\n')
})

test('packages of others keep their versions in the lockfile, those that a workspace has for itself included', () => {
  const others = () => Object.entries<object>(JSON.parse(readClone('package-lock.json')).packages).filter(([path]) => path.includes('node_modules/'))
  const before = others()
  expect(before.some(([path]) => path.startsWith('services/'))).toBe(true)
  release(ABOVE)
  expect(others()).toEqual(before)
})

test('MongoDB keeps a version of its own inside its chart', () => {
  release(ABOVE)
  expect(readClone('charts/guestbook-mongodb/Chart.yaml')).toMatch(new RegExp(`^version: ${ABOVE}\nappVersion: "8`, 'm'))
  expect(readClone('charts/guestbook-backend/Chart.yaml')).toContain(`appVersion: "${ABOVE}"`)
})

const dirty = () => { appendFileSync(join(clone, 'package.json'), '\n') }
test.each([
  ['a version that is none', '1.2', () => {}, '"1.2" is not a version such as 1.2.3'],
  ['a tag instead of a version', 'v1.2.3', () => {}, '"v1.2.3" is not a version'],
  ['an older version', '0.0.9', () => {}, '0.0.9 is not newer than'],
  ['changes that are not committed', ABOVE, dirty, 'The tree is not clean'],
  ['another branch', ABOVE, () => git('switch', '--quiet', '--create', 'topic'), 'Releases are made from main, and this is "topic"'],
  ['a tag that is there', ABOVE, () => git('tag', `v${ABOVE}`), `The tag v${ABOVE} is there already`],
  ['nothing new', ABOVE, () => {
    writeFileSync(join(clone, 'CHANGELOG.md'), '# Changelog\n\n## Unreleased\n\n## 0.0.1 (2020-01-01)\n\n- Old.\n')
    git('commit', '--all', '--quiet', '--message', 'Forget the changelog')
  }, 'CHANGELOG.md has nothing under "## Unreleased"']
])('%s is refused with the reason, and nothing is touched', (_, version, spoil, reason) => {
  spoil()
  const before = [git('rev-parse', 'HEAD'), git('status', '--porcelain'), git('tag')]

  expect(release(version)).toEqual({ status: 1, stdout: '', stderr: expect.stringContaining(reason) })
  expect([git('rev-parse', 'HEAD'), git('status', '--porcelain'), git('tag')]).toEqual(before)
})

test('a tag that is not what the files say is named with every file that disagrees', () => {
  const { status, stderr } = release('--check', 'v1.2.3')
  expect(status).toBe(1)
  for (const file of WITH_VERSION) expect(stderr).toContain(`${file} says ${current()}`)
  expect(stderr).toContain('CHANGELOG.md has no section')
})

test('no other file of the repository says its version', () => {
  const quoted = `"${JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')).version}"`
  // A lockfile and the ledger name versions of others, and ours may be one of them by chance.
  const others = FILES.filter(file => /\.(json|ya?ml|ts|hbs|md)$/.test(file) && ![...WITH_VERSION, 'infra/components.json', 'tests/load/peers/express/package-lock.json'].includes(file))
  expect(others.filter(file => readFileSync(join(ROOT, file), 'utf8').includes(quoted))).toEqual([])
})
