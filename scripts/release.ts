/** `make release VERSION=x.y.z`: one version for the repository, its changelog, a commit and a tag. Pushing them is yours. */
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { isNewer, isVersion, places } from './versions.ts'

const CHANGELOG = 'CHANGELOG.md'
const UNRELEASED = '## Unreleased'
const usage = `Usage: make release VERSION=x.y.z

Writes the version into every package.json, the lockfile and the charts, turns "${UNRELEASED}" of ${CHANGELOG} into its section,
commits and tags vx.y.z. The tree must be clean, the branch main. \`git push --follow-tags\` then publishes it.

node scripts/release.ts --check vx.y.z   only checks that everything has that version
node scripts/release.ts --notes vx.y.z   prints its section of the changelog`

class Refusal extends Error {}

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
      .map(found => `${file} says ${found}`)
  )
  if (!section(version)) {
    wrong.push(`${CHANGELOG} has no section "## ${version} (date)", or an empty one`)
  }
  if (wrong.length > 0) {
    throw new Refusal(`This is not ${version}:\n${wrong.map(line => `  - ${line}`).join('\n')}`)
  }
}

function release (version: string): void {
  const current: string = JSON.parse(readFileSync('package.json', 'utf8')).version
  if (!isNewer(version, current)) {
    throw new Refusal(`${version} is not newer than ${current}, which package.json says`)
  }
  if (git('status', '--porcelain') !== '') {
    throw new Refusal('The tree is not clean: commit or put away what `git status` shows')
  }
  const branch = git('rev-parse', '--abbrev-ref', 'HEAD')
  if (branch !== 'main') throw new Refusal(`Releases are made from main, and this is "${branch}"`)
  if (git('tag', '--list', `v${version}`) !== '') {
    throw new Refusal(`The tag v${version} is there already`)
  }
  if (!section('')) {
    throw new Refusal(`${CHANGELOG} has nothing under "${UNRELEASED}": say what is new`)
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
    `Committed and tagged v${version}. \`git push --follow-tags\` publishes it; \`git tag -d v${version} && git reset --hard HEAD~1\` takes it back.`
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
    throw new Refusal(`"${name}" is not a version such as 1.2.3\n\n${usage}`)
  } else if (values.check) check(version)
  else if (values.notes) console.log(section(version) ?? '')
  else release(version)
} catch (error) {
  if (!(error instanceof Refusal)) throw error
  console.error(error.message)
  process.exitCode = 1
}
