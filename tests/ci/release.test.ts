import { appendFileSync, globSync } from 'node:fs'
import { beforeEach, expect, test } from '@jest/globals'
import { isNewer, isVersion } from '../../scripts/versions.ts'
import { Checkout, type Result } from './checkout.ts'
import { FILES, read, ROOT } from './repository.ts'

const WITH_VERSION = [
  'package.json',
  'package-lock.json',
  'infra/package.json',
  'system-tests/package.json',
  'tests/package.json',
  ...globSync('{services/*/package.json,charts/*/Chart.yaml}', { cwd: ROOT })
].sort()
const ABOVE = '9.8.7'
const IDENTITY = {
  GIT_AUTHOR_NAME: 't',
  GIT_AUTHOR_EMAIL: 't@example',
  GIT_COMMITTER_NAME: 't',
  GIT_COMMITTER_EMAIL: 't@example'
}
const OLD_SECTION = '## 0.0.1 (2020-01-01)\n\n- Something old.\n'

/** A small repository with all files that have the version. */
let place: Checkout
beforeEach(() => {
  place = new Checkout(WITH_VERSION)
  place.write(
    'CHANGELOG.md', `# Changelog\n\n## Unreleased\n\n- Something new.\n\n${OLD_SECTION}`
  )
  place.commitAll()
})
const git = (...args: string[]) => place.git(...args)
const current = () => JSON.parse(place.read('package.json')!).version as string

async function release (...args: string[]): Promise<Result> {
  return await place.run('node', [`${ROOT}scripts/release.ts`, ...args], IDENTITY)
}

test('writes versions and a section of the changelog, as one commit with one tag', async () => {
  const before = current()
  const today = () => new Date().toISOString().slice(0, 10)
  const day = today()
  expect(await release(ABOVE)).toMatchObject({
    status: 0, stderr: '', stdout: expect.stringContaining('git push --follow-tags')
  })

  expect(git('show', '--name-only', '--format=%s').split('\n').filter(Boolean).sort()).toEqual(
    ['CHANGELOG.md', `Release ${ABOVE}`, ...WITH_VERSION].sort()
  )
  // An annotated tag; `git push --follow-tags` pushes no other.
  expect(git('describe')).toBe(`v${ABOVE}`)
  expect(git('tag', '--list', '--format=%(contents:subject)')).toBe(`Release ${ABOVE}`)
  expect(git('status', '--porcelain')).toBe('')
  const title = `## Unreleased\n\n## ${ABOVE} \\((${day}|${today()})\\)`
  expect(place.read('CHANGELOG.md')).toMatch(
    RegExp(`^# Changelog\n\n${title}\n\n- Something new.\n\n## 0.0.1`)
  )
  // Only the version has changed: lines are replaced, and no file of ours has the former version.
  for (const line of git('show', '--numstat', '--format=', '--', '*.json', '*.yaml').split('\n')) {
    expect(line).toMatch(/^(\d+)\t\1\t/)
  }
  for (const file of WITH_VERSION.filter(file => file !== 'package-lock.json')) {
    expect(place.read(file)).not.toContain(`"${before}"`)
  }
  expect(await release('--check', `v${ABOVE}`)).toEqual({ status: 0, stdout: '', stderr: '' })
  expect((await release('--notes', `v${ABOVE}`)).stdout).toBe('- Something new.\n')
})

test('nothing is committed when a file lacks the version', async () => {
  place.write('charts/guestbook-mongodb/Chart.yaml', 'name: x\n')
  git('commit', '--quiet', '--all', '--message', 'Remove the version')
  expect(await release(ABOVE)).toMatchObject({
    status: 1,
    stderr: expect.stringContaining(
      `This is not ${ABOVE}:\n  - charts/guestbook-mongodb/Chart.yaml has `
    )
  })
  expect([git('log', '--format=%s', '-1'), git('tag')]).toEqual(['Remove the version', ''])
})

test('third-party packages keep their versions in the lockfile', async () => {
  const others = () =>
    Object.entries<object>(JSON.parse(place.read('package-lock.json')!).packages)
      .filter(([path]) => path.includes('node_modules/'))
  const before = others()
  expect(before.some(([path]) => path.startsWith('services/'))).toBe(true)
  await release(ABOVE)
  expect(others()).toEqual(before)
})

test('the chart of MongoDB keeps the version of MongoDB', async () => {
  await release(ABOVE)
  expect(place.read('charts/guestbook-mongodb/Chart.yaml')).toMatch(
    RegExp(`^version: ${ABOVE}\nappVersion: "8`, 'm')
  )
  expect(place.read('charts/guestbook-backend/Chart.yaml')).toContain(`appVersion: "${ABOVE}"`)
})

const clean = () => {}
const modified = () => { appendFileSync(`${place.folder}/package.json`, '\n') }
const untracked = () => { place.write('new', '') }
const detached = () => { git('checkout', '--quiet', '--detach') }
const onBranch = () => { git('checkout', '--quiet', '-b', 'topic') }
const tagged = () => { git('tag', `v${ABOVE}`) }
const withoutNews = () => {
  place.write('CHANGELOG.md', `# Changelog\n\n## Unreleased\n\n${OLD_SECTION}`)
  git('commit', '--all', '--quiet', '--message', 'Empty the changelog')
}
test.each([
  ['a tag instead of a version', 'v1.2.3', clean, '"v1.2.3" is not a version'],
  ['an older version', '0.0.9', clean, '0.0.9 is not newer than'],
  ['a prerelease', '9.8.7-rc1', clean, '"9.8.7-rc1" is not a version such as 1.2.3'],
  ['a modified file', ABOVE, modified, 'The tree is not clean'],
  ['an untracked file', ABOVE, untracked, 'The tree is not clean'],
  ['a detached HEAD', ABOVE, detached, 'Release from main; the branch is "HEAD"'],
  ['another branch', ABOVE, onBranch, 'Release from main; the branch is "topic"'],
  ['an existing tag', ABOVE, tagged, `The tag v${ABOVE} exists`],
  ['nothing new', ABOVE, withoutNews, 'CHANGELOG.md has nothing under "## Unreleased"']
])('%s is rejected with the reason, and changes nothing', async (_, version, spoil, reason) => {
  spoil()
  const state = () => [git('rev-parse', 'HEAD'), git('status', '--porcelain'), git('tag')]
  const before = state()
  expect(await release(version)).toEqual({
    status: 1, stdout: '', stderr: expect.stringContaining(reason)
  })
  expect(state()).toEqual(before)
})

test.each([
  ['0.9.0', '0.10.0'], ['0.9.9', '0.10.0'], ['9.9.9', '10.0.0'], ['1.2.9', '1.2.10'],
  ['0.0.0', '0.0.1'], ['1.9.9', '2.0.0'], ['1.1.9', '1.2.0'], ['9.0.0', '10.0.0']
])('%s is older than %s: the parts are compared as numbers', (older, newer) => {
  expect([isNewer(newer, older), isNewer(older, newer)]).toEqual([true, false])
  expect([isNewer(newer, newer), isNewer(older, older)]).toEqual([false, false])
})

test('a version has exactly three numbers', () => {
  const good = ['0.0.0', '1.2.3', '10.20.30']
  const bad = ['1.2', '1.2.3.4', '1.2.3-rc1', '1.2.3+build', '1.02.3', '01.2.3', '1.2.03', 'v1.2.3',
    '1.2.3 ', 'a1.2.3', '1,2,3', '1.2.x', '']
  expect([...good, ...bad].filter(isVersion)).toEqual(good)
})

test.each([
  ['v1.2.3', '- 1.2.3 (d).\n'],
  ['1.2.30', '- 1.2.30 (d).\n'],
  ['v7.0.0', '\n']
])('the notes of %s are those of this version only', async (tag, stdout) => {
  const sections = ['Unreleased', '1.2.30 (d)', '1.2.3 (d)', '1.2 (d)'].map(
    title => `## ${title}\n\n- ${title}.\n`
  )
  place.write('CHANGELOG.md', `# Changelog\n\n${sections.join('\n')}`)
  expect(await release('--notes', tag)).toEqual({ status: 0, stdout, stderr: '' })
})

test('--help lists every option, and an unknown one is an error', async () => {
  const { status, stdout } = await release('--help')
  expect(status).toBe(0)
  for (const option of ['make release VERSION=x.y.z', '--check vx.y.z', '--notes vx.y.z']) {
    expect(stdout).toContain(option)
  }
  expect((await release('--fast')).status).toBe(1)
})

test('--check lists every file whose version differs from the tag', async () => {
  const { status, stderr } = await release('--check', 'v1.2.3')
  expect(status).toBe(1)
  for (const file of WITH_VERSION) expect(stderr).toContain(`${file} has ${current()}`)
  expect(stderr).toContain('CHANGELOG.md has no section')
})

test('no other file of the repository contains its version', () => {
  const quoted = `"${JSON.parse(read('package.json')).version}"`
  // These contain versions of third parties, which may be equal by chance.
  const thirdParty = [
    'infra/components.json', 'system-tests/bench/peers/express/package-lock.json'
  ]
  const others = FILES.filter(file =>
    /\.(json|ya?ml|ts|hbs|md)$/.test(file) && ![...WITH_VERSION, ...thirdParty].includes(file))
  expect(others.filter(file => read(file).includes(quoted))).toEqual([])
})
