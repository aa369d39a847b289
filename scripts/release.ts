/**
 * `make release VERSION=x.y.z`: writes version and changelog, commits and tags. It does not push.
 */
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { isNewer, isVersion, places } from './versions.ts'

const CHANGELOG = 'CHANGELOG.md'
const UNRELEASED = '## Unreleased'
const usage = `Usage: make release VERSION=x.y.z

Writes the version to every package.json, the lockfile and the charts, moves "${UNRELEASED}" of
${CHANGELOG} to the section of the version, commits and tags vx.y.z. The tree must be clean and the
branch main. \`git push --follow-tags\` then publishes the release.

node scripts/release.ts --check vx.y.z   checks that all files have this version
node scripts/release.ts --notes vx.y.z   prints its section of the changelog`

class ReleaseError extends Error {}

function git (...args: string[]): string {
  return execFileSync('git', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim()
}

function section (version: string): string | undefined {
  const text = existsSync(CHANGELOG) ? readFileSync(CHANGELOG, 'utf8') : ''
  const heading = version === '' ? UNRELEASED : `## ${version} `
  const parts = text.split(/^(?=## )/m)
  return parts.find(part => part.startsWith(heading))?.split('\n').slice(1).join('\n').trim()
}

function check (version: string): void {
  const wrong = places().flatMap(({ file, versions }) =>
    [...new Set(versions())]
      .filter(found => found !== version)
      .map(found => `${file} has ${found}`)
  )
  if (!section(version)) {
    wrong.push(`${CHANGELOG} has no section "## ${version} (date)", or an empty one`)
  }
  if (wrong.length > 0) {
    throw new ReleaseError(`This is not ${version}:\n  - ${wrong.join('\n  - ')}`)
  }
}

function release (version: string): void {
  const current: string = JSON.parse(readFileSync('package.json', 'utf8')).version
  if (!isNewer(version, current)) {
    throw new ReleaseError(`${version} is not newer than ${current} in package.json`)
  }
  if (git('status', '--porcelain') !== '') {
    throw new ReleaseError('The tree is not clean: commit or stash the changes of `git status`')
  }
  const branch = git('rev-parse', '--abbrev-ref', 'HEAD')
  if (branch !== 'main') throw new ReleaseError(`Release from main; the branch is "${branch}"`)
  if (git('tag', '--list', `v${version}`) !== '') {
    throw new ReleaseError(`The tag v${version} exists`)
  }
  if (!section('')) {
    throw new ReleaseError(`${CHANGELOG} has nothing under "${UNRELEASED}"`)
  }

  for (const { file, withVersion } of places()) writeFileSync(file, withVersion(version))
  const date = new Date().toISOString().slice(0, 10)
  writeFileSync(
    CHANGELOG,
    readFileSync(CHANGELOG, 'utf8').replace(
      UNRELEASED,
      `${UNRELEASED}\n\n## ${version} (${date})`
    )
  )
  check(version)
  git('commit', '--all', '--message', `Release ${version}`)
  git('tag', '--annotate', `v${version}`, '--message', `Release ${version}`)
  console.log(
    `Committed and tagged v${version}. Publish: git push --follow-tags\n` +
    `Undo: git tag -d v${version} && git reset --hard HEAD~1`
  )
}

try {
  const {
    values,
    positionals: [name = '']
  } = parseArgs({
    allowPositionals: true,
    options: { check: { type: 'boolean' }, notes: { type: 'boolean' }, help: { type: 'boolean' } }
  })
  const version = values.check || values.notes ? name.replace(/^v/, '') : name
  if (values.help) console.log(usage)
  else if (!isVersion(version)) {
    throw new ReleaseError(`"${name}" is not a version such as 1.2.3\n\n${usage}`)
  } else if (values.check) check(version)
  else if (values.notes) console.log(section(version) ?? '')
  else release(version)
} catch (error) {
  if (!(error instanceof ReleaseError)) throw error
  console.error(error.message)
  process.exitCode = 1
}
