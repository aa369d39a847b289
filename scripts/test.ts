/** `make test`: runs all tests, or those in PATHS, with the coverage of the services in PATHS. */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'

const RESULTS = 'coverage/tests.json'
const COVERAGE = 'coverage/coverage-summary.json'
const readJson = (file: string) => JSON.parse(readFileSync(file, 'utf8'))

const paths = process.argv.slice(2).map(path => path.replace(/\/$/, ''))
const absent = paths.filter(path => !existsSync(path))
if (absent.length > 0) {
  console.error(
    `make test: PATHS names ${absent.join(' and ')}, which does not exist. ` +
    'Example: make test PATHS="services/backend tests/charts"'
  )
  process.exit(2)
}

// A threshold makes sense only for services whose tests all run.
const services = paths.filter(path => /^services\/[^/]+$/.test(path))
const collectFrom = services.flatMap(service => ['--collectCoverageFrom', `${service}/src/**/*.ts`])
const coverage = paths.length === 0 || services.length > 0 ? ['--coverage', ...collectFrom] : []
const { status } = spawnSync(
  'npm',
  ['test', '--', ...paths, ...coverage, '--json', '--outputFile', RESULTS],
  { stdio: 'inherit' }
)
process.exitCode = status ?? 1

// The folder for the report, from which the comment on the pull request is written.
const { REPORTS } = process.env
if (REPORTS && existsSync(RESULTS)) {
  const { numPassedTests, numFailedTests, numTotalTestSuites } = readJson(RESULTS)
  const report = {
    passed: numPassedTests,
    failed: numFailedTests,
    suites: numTotalTestSuites,
    lines: coverage.length > 0 ? readJson(COVERAGE).total.lines.pct : undefined
  }
  mkdirSync(REPORTS, { recursive: true })
  writeFileSync(`${REPORTS}/tests.json`, JSON.stringify(report))
}
