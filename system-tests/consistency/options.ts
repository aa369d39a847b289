import { resolve } from 'node:path'
import { parseArgs, type ParseArgsOptionsConfig } from 'node:util'
import { checkServices, ROOT } from './platform.ts'
import { SCENARIOS } from './scenarios.ts'

export const USAGE =
  'Usage: make consistency ' +
  'ARGS="[--only SCENARIO] [--rounds N] [--seed N] [--services FOLDER] [--reports FOLDER]"'

export const HELP = `${USAGE}

Clients read, post and moderate through two frontends and two backends over three mongod, while
links between them are held, delayed or cut, clocks are wrong and processes are killed. Everything
they do is recorded, and a checker looks in the history for answers that break the promises in
docs/reference/guarantees.md. The exit status is 1 when there is one. docs/develop/consistency.md tells how to read
the report.

  --only SCENARIO      one of those below                   (default: all)
  --rounds N           how often each scenario runs         (default 1)
  --seed N             repeats the choices of an earlier run (default: a new one, which is printed)
  --services FOLDER    checkout whose services are tested   (default: this one)
  --reports FOLDER     where histories and report go        (default reports/consistency)

Scenarios:
${SCENARIOS.map(({ name, description }) => `  ${name.padEnd(20)} ${description}`).join('\n')}`

const OPTIONS = {
  only: { type: 'string' },
  rounds: { type: 'string', default: '1' },
  seed: { type: 'string' },
  services: { type: 'string', default: ROOT },
  reports: { type: 'string', default: 'reports/consistency' },
  help: { type: 'boolean', short: 'h', default: false }
} satisfies ParseArgsOptionsConfig

export type Options = ReturnType<typeof parseOptions>

/** @throws Error naming the option that is wrong. */
export function parseOptions (args: string[]) {
  const { help, only, rounds, seed, services, reports } = parseArgs({
    args,
    options: OPTIONS
  }).values
  if (reports.trim() === '') throw new Error('--reports must name a folder')
  if (services.trim() === '') throw new Error('--services must name a folder')
  checkServices(resolve(services))
  const scenarios = SCENARIOS.filter(({ name }) => only === undefined || name === only)
  if (scenarios.length === 0) {
    throw new Error(
      `--only must be one of ${SCENARIOS.map(({ name }) => name).join(', ')}, not "${only}"`
    )
  }
  return {
    help,
    scenarios,
    rounds: wholeNumber('rounds', rounds, 1, 1000),
    seed:
      seed === undefined
        ? Math.floor(Math.random() * 2 ** 31)
        : wholeNumber('seed', seed, 0, 2 ** 31 - 1),
    services: resolve(services),
    reports
  }
}

function wholeNumber (name: string, text: string, least: number, most: number): number {
  const value = text.trim() === '' ? NaN : Number(text)
  if (Number.isInteger(value) && value >= least && value <= most) return value
  throw new Error(`--${name} must be a whole number from ${least} to ${most}, not "${text}"`)
}
