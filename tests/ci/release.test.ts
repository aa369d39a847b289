import { spawnSync } from 'node:child_process'
import {
  appendFileSync,
  cpSync,
  globSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { isNewer, isVersion } from '../../scripts/versions.ts'
import { git as gitIn, initRepository } from './checkout.ts'
import { FILES, ROOT } from './repository.ts'

const WITH_VERSION = [
  'package.json',
  'package-lock.json',
  'infra/package.json',
  'system-tests/package.json',
  'tests/package.json',
  ...globSync('{services/*/package.json,charts/*/Chart.yaml}', { cwd: ROOT })
].sort()
const ABOVE = '9.8.7'

let clone: string
const git = (...args: string[]) => gitIn(clone, ...args)
const readClone = (file: string) => readFileSync(join(clone, file), 'utf8')
const current = () => JSON.parse(readClone('package.json')).version as string

/** A small repository with this one's places of the version. */
beforeEach(() => {
  clone = mkdtempSync(join(tmpdir(), 'guestbook-release-'))
  for (const file of WITH_VERSION) cpSync(join(ROOT, file), join(clone, file))
  writeFileSync(
    join(clone, 'CHANGELOG.md'),
    '# Changelog\n\n## Unreleased\n\n- Something new.\n\n## 0.0.1 (2020-01-01)\n\n- Something ' +
    'old.\n'
  )
  initRepository(clone)
  git('add', '.')
  git('commit', '--quiet', '--message', 'Begin')
})
afterEach(() => { rmSync(clone, { recursive: true }) })

function release (...args: string[]) {
  const identity = {
    GIT_AUTHOR_NAME: 't',
    GIT_AUTHOR_EMAIL: 't@example',
    GIT_COMMITTER_NAME: 't',
    GIT_COMMITTER_EMAIL: 't@example'
  }
  const { status, stdout, stderr } = spawnSync(
    'node',
    [join(ROOT, 'scripts/release.ts'), ...args],
    {
      cwd: clone,
      encoding: 'utf8',
      env: { PATH: process.env.PATH, HOME: clone, GIT_CONFIG_NOSYSTEM: '1', ...identity }
    }
  )
  return { status, stdout, stderr }
}

test('writes versions and a section of the changelog, as one commit with one tag', () => {
  const before = current()
  const today = () => new Date().toISOString().slice(0, 10)
  const days = [today()]
  expect(release(ABOVE)).toMatchObject({
    status: 0,
    stderr: '',
    stdout: expect.stringContaining('git push --follow-tags')
  })

  expect(git('show', '--name-only', '--format=%s').split('\n').filter(Boolean).sort()).toEqual(
    ['CHANGELOG.md', `Release ${ABOVE}`, ...WITH_VERSION].sort()
  )
  // An annotated tag; `git push --follow-tags` pushes no other.
  expect(git('describe')).toBe(`v${ABOVE}`)
  expect(git('tag', '--list', '--format=%(contents:subject)')).toBe(`Release ${ABOVE}`)
  expect(git('status', '--porcelain')).toBe('')
  expect(readClone('CHANGELOG.md')).toMatch(
    new RegExp(
      `^# Changelog\n\n## Unreleased\n\n## ${ABOVE} \\((${[...days, today()].join('|')})\\)\n\n- ` +
      'Something new.\n\n## 0.0.1'
    )
  )
  // Nothing but the version has changed: as many lines go as come, and none of ours keeps the old
  // one.
  for (const line of git('show', '--numstat', '--format=', '--', '*.json', '*.yaml').split(
    '\n'
  )) {
    expect(line).toMatch(/^(\d+)\t\1\t/)
  }
  for (const file of WITH_VERSION.filter(file => file !== 'package-lock.json')) {
    expect(readClone(file)).not.toContain(`"${before}"`)
  }
  expect(release('--check', `v${ABOVE}`)).toEqual({ status: 0, stdout: '', stderr: '' })
  expect(release('--notes', `v${ABOVE}`).stdout).toBe('- Something new.\n')
})

test('nothing is committed when the version could not be written everywhere', () => {
  writeFileSync(join(clone, 'charts/guestbook-mongodb/Chart.yaml'), 'name: x\n')
  git('commit', '--quiet', '--all', '--message', 'Forget the version')
  expect(release(ABOVE)).toMatchObject({
    status: 1,
    stderr: expect.stringContaining(
      `This is not ${ABOVE}:\n  - charts/guestbook-mongodb/Chart.yaml has `
    )
  })
  expect([git('log', '--format=%s', '-1'), git('tag')]).toEqual(['Forget the version', ''])
})

test('third-party packages keep their versions in the lockfile', () => {
  const others = () =>
    Object.entries<object>(JSON.parse(readClone('package-lock.json')).packages).filter(([path]) =>
      path.includes('node_modules/')
    )
  const before = others()
  expect(before.some(([path]) => path.startsWith('services/'))).toBe(true)
  release(ABOVE)
  expect(others()).toEqual(before)
})

test('MongoDB keeps a version of its own inside its chart', () => {
  release(ABOVE)
  expect(readClone('charts/guestbook-mongodb/Chart.yaml')).toMatch(
    new RegExp(`^version: ${ABOVE}\nappVersion: "8`, 'm')
  )
  expect(readClone('charts/guestbook-backend/Chart.yaml')).toContain(`appVersion: "${ABOVE}"`)
})

const dirty = () => { appendFileSync(join(clone, 'package.json'), '\n') }
test.each([
  ['a tag instead of a version', 'v1.2.3', () => {}, '"v1.2.3" is not a version'],
  ['an older version', '0.0.9', () => {}, '0.0.9 is not newer than'],
  ['changes that are not committed', ABOVE, dirty, 'The tree is not clean'],
  ['a prerelease', '9.8.7-rc1', () => {}, '"9.8.7-rc1" is not a version such as 1.2.3'],
  [
    'no branch',
    ABOVE,
    () => git('checkout', '--quiet', '--detach'),
    'Release from main; the branch is "HEAD"'
  ],
  [
    'a file that is not committed',
    ABOVE,
    () => {
      writeFileSync(join(clone, 'new'), '')
    },
    'The tree is not clean'
  ],
  [
    'another branch',
    ABOVE,
    () => git('checkout', '--quiet', '-b', 'topic'),
    'Release from main; the branch is "topic"'
  ],
  [
    'a tag that is there',
    ABOVE,
    () => git('tag', `v${ABOVE}`),
    `The tag v${ABOVE} exists`
  ],
  [
    'nothing new',
    ABOVE,
    () => {
      writeFileSync(
        join(clone, 'CHANGELOG.md'),
        '# Changelog\n\n## Unreleased\n\n## 0.0.1 (2020-01-01)\n\n- Old.\n'
      )
      git('commit', '--all', '--quiet', '--message', 'Forget the changelog')
    },
    'CHANGELOG.md has nothing under "## Unreleased"'
  ]
])('%s is refused with the reason, and nothing is touched', (_, version, spoil, reason) => {
  spoil()
  const before = [git('rev-parse', 'HEAD'), git('status', '--porcelain'), git('tag')]

  expect(release(version)).toEqual({
    status: 1,
    stdout: '',
    stderr: expect.stringContaining(reason)
  })
  expect([git('rev-parse', 'HEAD'), git('status', '--porcelain'), git('tag')]).toEqual(before)
})

test.each([
  ['0.9.0', '0.10.0'], ['0.9.9', '0.10.0'], ['9.9.9', '10.0.0'], ['1.2.9', '1.2.10'],
  ['0.0.0', '0.0.1'], ['1.9.9', '2.0.0'], ['1.1.9', '1.2.0'], ['9.0.0', '10.0.0']
])('of %s and %s the second is newer, for they are numbers', (older, newer) => {
  expect([isNewer(newer, older), isNewer(older, newer)]).toEqual([true, false])
  expect([isNewer(newer, newer), isNewer(older, older)]).toEqual([false, false])
})

test('a version is three numbers and nothing else', () => {
  const good = ['0.0.0', '1.2.3', '10.20.30']
  const bad = ['1.2', '1.2.3.4', '1.2.3-rc1', '1.2.3+build', '1.02.3', '01.2.3', '1.2.03', 'v1.2.3',
    '1.2.3 ', 'a1.2.3', '1,2,3', '1.2.x', '']
  expect([...good, ...bad].filter(isVersion)).toEqual(good)
})

test('the notes of a version are its own, not those of one that begins like it', () => {
  const sections = ['Unreleased', '1.2.30 (d)', '1.2.3 (d)', '1.2 (d)'].map(
    title => `## ${title}\n\n- ${title}.\n`
  )
  writeFileSync(join(clone, 'CHANGELOG.md'), `# Changelog\n\n${sections.join('\n')}`)
  const notes = (tag: string) => release('--notes', tag)
  expect(notes('v1.2.3')).toEqual({ status: 0, stdout: '- 1.2.3 (d).\n', stderr: '' })
  expect(notes('1.2.30')).toEqual({ status: 0, stdout: '- 1.2.30 (d).\n', stderr: '' })
  expect(notes('v7.0.0')).toEqual({ status: 0, stdout: '\n', stderr: '' })
})

test('--help tells every option, and an unknown one is an error', () => {
  const { status, stdout } = release('--help')
  expect(status).toBe(0)
  for (const option of ['make release VERSION=x.y.z', '--check vx.y.z', '--notes vx.y.z']) {
    expect(stdout).toContain(option)
  }
  expect(release('--fast').status).toBe(1)
})

test('a tag that is not what the files say is named with every file that disagrees', () => {
  const { status, stderr } = release('--check', 'v1.2.3')
  expect(status).toBe(1)
  for (const file of WITH_VERSION) expect(stderr).toContain(`${file} has ${current()}`)
  expect(stderr).toContain('CHANGELOG.md has no section')
})

test('no other file of the repository says its version', () => {
  const quoted = `"${JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')).version}"`
  // A lockfile and the ledger name versions of others, and ours may be one of them by chance.
  const others = FILES.filter(
    file =>
      /\.(json|ya?ml|ts|hbs|md)$/.test(file) &&
      ![
        ...WITH_VERSION,
        'infra/components.json',
        'system-tests/bench/peers/express/package-lock.json'
      ].includes(file)
  )
  expect(others.filter(file => readFileSync(join(ROOT, file), 'utf8').includes(quoted))).toEqual([])
})
