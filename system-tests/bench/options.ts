import { parseArgs, type ParseArgsOptionsConfig } from 'node:util'
import { COMMON_OPTIONS } from '../lib/command.ts'
import { choiceOption, folderOption, integerOption } from '../lib/options.ts'
import { CASES } from './cases.ts'

export const USAGE =
  'Usage: make bench ARGS="[--rounds N] [--seconds S] [--only CASE] [--messages N]\n' +
  '                        [--baseline FOLDER] [--reports FOLDER]"'

export const HELP = `${USAGE}

Compares the guestbook with a bare node:http server, Express + EJS + Mongoose, and Flask + Jinja +
PyMongo under gunicorn: on this computer, over one MongoDB, in turn. It takes about 9 minutes and
writes bench.md, bench.json and bench.svg. Nothing else should run; the report has the load average.

  --rounds N         rounds of every case, each with every target         (default 3, or ROUNDS)
  --seconds S        seconds to measure one target in a round             (default 4, or SECONDS)
  --only CASE        only this case; may be repeated. Cases:
                     ${CASES.map(({ id }) => id).join(', ')}
  --messages N       messages of the large guestbook; 0 leaves it out     (default 1000000)
  --baseline FOLDER  compares only this checkout with the one in FOLDER
  --reports FOLDER   where the reports go                                 (default reports/bench)`

const OPTIONS = {
  rounds: { type: 'string' },
  seconds: { type: 'string' },
  only: { type: 'string', multiple: true },
  messages: { type: 'string', default: '1000000' },
  baseline: { type: 'string' },
  reports: { type: 'string', default: 'reports/bench' },
  ...COMMON_OPTIONS
} satisfies ParseArgsOptionsConfig

export type Options = ReturnType<typeof parseOptions>

/** Options override the environment. @throws Error naming the option that is wrong */
export function parseOptions (args: string[], env: NodeJS.ProcessEnv = {}) {
  const { values } = parseArgs({ args, options: OPTIONS })
  const { rounds, seconds, only, messages, baseline, reports, help } = values
  choiceOption('only', only ?? [], CASES.map(({ id }) => id))
  return {
    rounds: integerOption('rounds', rounds ?? env.ROUNDS ?? '3', 1, 100),
    seconds: integerOption('seconds', seconds ?? env.SECONDS ?? '4', 1, 600),
    messages: messages === '0' ? 0 : integerOption('messages', messages, 20_000, 10_000_000),
    only,
    baseline,
    reports: folderOption('reports', reports),
    help
  }
}
