/** `make pr-comment`: writes or updates the comment with the results of a pull request. */
import { appendFileSync } from 'node:fs'
import { apiOf } from '../ci/github.ts'
import { writeComment } from './comment.ts'
import { manifestDiff } from './manifests.ts'
import { markdown } from './markdown.ts'
import { readReports } from './reports.ts'

const { PULL_REQUEST, FROM_FORK, GITHUB_STEP_SUMMARY, RESULTS = '{}' } = process.env
const base = process.env.BASE || 'main'

function manifests (): string | undefined {
  try {
    return manifestDiff(process.cwd(), base)
  } catch (error) {
    console.error(`The manifests could not be compared with ${base}: ${(error as Error).message}`)
  }
}

const reports = readReports(process.env.REPORTS_FOLDER ?? 'reports')
const text = markdown({ ...reports, jobs: JSON.parse(RESULTS), manifests: manifests() })
if (GITHUB_STEP_SUMMARY) appendFileSync(GITHUB_STEP_SUMMARY, `${text}\n`)
if (!PULL_REQUEST || FROM_FORK === 'true') {
  // The token of a fork's pull request is read-only.
  console.log(text)
} else {
  try {
    console.log(`The comment is ${await writeComment(apiOf(process.env), PULL_REQUEST, text)}.`)
  } catch (error) {
    console.error((error as Error).message)
    process.exitCode = 1
  }
}
