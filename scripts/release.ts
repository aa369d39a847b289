/**
 * `make release VERSION=x.y.z`: writes version and changelog, commits and tags. It does not push.
 */
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
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

/** The section of the changelog whose heading begins with this text. */
function section (heading: string): string {
  const parts = readFileSync(CHANGELOG, 'utf8').split(/^(?=## )/m)
  const part = parts.find(part => part.startsWith(heading)) ?? ''
  return part.replace(/^.*/, '').trim()
}

function check (version: string): void {
  const wrong = places().flatMap(({ file, versions }) =>
    [...new Set(versions)].filter(found => found !== version).map(found => `${file} has ${found}`)
  )
  if (!section(`## ${version} `)) {
    wrong.push(`${CHANGELOG} has no section "## ${version} (date)", or an empty one`)
  }
  demand(wrong.length === 0, `This is not ${version}:\n  - ${wrong.join('\n  - ')}`)
}

function demand (isMet: boolean, problem: string): void {
  if (!isMet) throw new ReleaseError(problem)
}

function release (version: string): void {
  const current: string = JSON.parse(readFileSync('package.json', 'utf8')).version
  const branch = git('rev-parse', '--abbrev-ref', 'HEAD')
  demand(isNewer(version, current), `${version} is not newer than ${current} in package.json`)
  demand(
    git('status', '--porcelain') === '',
    'The tree is not clean: commit or stash the changes of `git status`'
  )
  demand(branch === 'main', `Release from main; the branch is "${branch}"`)
  demand(git('tag', '--list', `v${version}`) === '', `The tag v${version} exists`)
  demand(section(UNRELEASED) !== '', `${CHANGELOG} has nothing under "${UNRELEASED}"`)

  for (const { file, withVersion } of places()) writeFileSync(file, withVersion(version))
  const heading = `## ${version} (${new Date().toISOString().slice(0, 10)})`
  const changelog = readFileSync(CHANGELOG, 'utf8')
  writeFileSync(CHANGELOG, changelog.replace(UNRELEASED, `${UNRELEASED}\n\n${heading}`))
  check(version)
  git('commit', '--all', '--message', `Release ${version}`)
  git('tag', '--annotate', `v${version}`, '--message', `Release ${version}`)
  console.log(
    `Committed and tagged v${version}. Publish: git push --follow-tags\n` +
    `Undo: git tag -d v${version} && git reset --hard HEAD~1`
  )
}

try {
  const { values: { check: isCheck, notes, help }, positionals: [name = ''] } = parseArgs({
    allowPositionals: true,
    options: { check: { type: 'boolean' }, notes: { type: 'boolean' }, help: { type: 'boolean' } }
  })
  const version = isCheck || notes ? name.replace(/^v/, '') : name
  if (help) {
    console.log(usage)
    process.exit()
  }
  demand(isVersion(version), `"${name}" is not a version such as 1.2.3\n\n${usage}`)
  if (isCheck) check(version)
  else if (notes) console.log(section(`## ${version} `))
  else release(version)
} catch (error) {
  if (!(error instanceof ReleaseError)) throw error
  console.error(error.message)
  process.exitCode = 1
}
