import { resolve } from 'node:path'
import { parseArgs, type ParseArgsOptionsConfig } from 'node:util'
import { COMMON_OPTIONS } from '../lib/command.ts'
import { choiceOption, folderOption, integerOption } from '../lib/options.ts'
import { ROOT } from '../lib/paths.ts'
import { checkServices } from './platform.ts'
import { SCENARIOS } from './scenarios.ts'

export const USAGE =
  'Usage: make consistency ' +
  'ARGS="[--only SCENARIO] [--rounds N] [--seed N] [--services FOLDER] [--reports FOLDER]"'

export const HELP = `${USAGE}

Clients read, post and moderate through two frontends and two backends over three mongod, while
links between them are held, delayed or cut, clocks are wrong and processes are killed. Every
request is recorded, and a checker finds answers that violate docs/reference/guarantees.md. The exit
status is 1 when there is one. docs/develop/consistency.md explains the report.

  --only SCENARIO      one of those below                   (default: all)
  --rounds N           runs of each scenario                (default 1)
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
  ...COMMON_OPTIONS
} satisfies ParseArgsOptionsConfig

export type Options = ReturnType<typeof parseOptions>

/** @throws Error naming the option that is wrong */
export function parseOptions (args: string[]) {
  const { values } = parseArgs({ args, options: OPTIONS })
  const { help, only, rounds, seed, services, reports } = values
  const checkout = resolve(folderOption('services', services))
  checkServices(checkout)
  if (only !== undefined) choiceOption('only', [only], SCENARIOS.map(({ name }) => name))
  return {
    help,
    scenarios: SCENARIOS.filter(({ name }) => only === undefined || name === only),
    rounds: integerOption('rounds', rounds, 1, 1000),
    seed:
      seed === undefined
        ? Math.floor(Math.random() * 2 ** 31)
        : integerOption('seed', seed, 0, 2 ** 31 - 1),
    services: checkout,
    reports: folderOption('reports', reports)
  }
}
