import { parseArgs, type ParseArgsOptionsConfig } from 'node:util'
import { COMMON_OPTIONS } from '../lib/command.ts'
import { choiceOption, folderOption, integerOption } from '../lib/options.ts'
import { CASES } from './cases.ts'

const IDS = CASES.map(({ id }) => id)

export const USAGE = 'Usage: make abuse ARGS="[--size N] [--only CASE,...] [--reports FOLDER]"'

export const HELP = `${USAGE}

Attacks the frontend and the backend of a guestbook over MongoDB in turn, while a canary client
reads and posts. Every attack must get the expected answers (never 500, 503 only with Retry-After).
The canary client must be served, and memory and open files must recover. Otherwise the exit status
is 1. It takes about 8 minutes, writes abuse.json, and needs 14 times --size open files (ulimit -n).

  --size N           connections of a slow attack: a burst has 4 times as many, idle
                     connections are 9 and 12 times as many              (default 500)
  --only CASE,...    only these cases. Cases:
                     ${IDS.join(', ').replaceAll(/(.{40,60}) /g, `$1\n${' '.repeat(21)}`)}
  --reports FOLDER   where the report goes                               (default reports/abuse)`

const OPTIONS = {
  size: { type: 'string', default: '500' },
  only: { type: 'string' },
  reports: { type: 'string', default: 'reports/abuse' },
  ...COMMON_OPTIONS
} satisfies ParseArgsOptionsConfig

export type Options = ReturnType<typeof parseOptions>

/** @throws Error naming the option that is wrong */
export function parseOptions (args: string[]) {
  const { help, size, only, reports } = parseArgs({ args, options: OPTIONS }).values
  const chosen = only?.split(',') ?? IDS
  choiceOption('only', chosen, IDS)
  return {
    help,
    reports: folderOption('reports', reports),
    size: integerOption('size', size, 10, 2000),
    cases: CASES.filter(({ id }) => chosen.includes(id))
  }
}
