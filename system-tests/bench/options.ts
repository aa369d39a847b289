import { parseArgs, type ParseArgsOptionsConfig } from 'node:util'
import { CASES } from './cases.ts'

export const USAGE =
  'Usage: make bench ARGS="[--rounds N] [--seconds S] [--only CASE] [--messages N] [--baseline FOLDER]\n                        [--reports FOLDER]"'

export const HELP = `${USAGE}

Measures the guestbook beside a bare node:http server, Express + EJS + Mongoose, and Flask + Jinja + PyMongo under
gunicorn: on this computer, over one MongoDB, in turns. Takes about 9 minutes and writes bench.md, bench.json and bench.svg.
Nothing else should run meanwhile; the load average stands in the report.

  --rounds N         rounds of every case, each with every contestant       (default 3, or ROUNDS)
  --seconds S        seconds that a round measures one contestant           (default 4, or SECONDS)
  --only CASE        only this case; may be repeated: ${CASES.map(({ id }) => id).join(', ')}
  --messages N       messages of the large guestbook; 0 leaves it out       (default 1000000)
  --baseline FOLDER  only this checkout and another one, in turns: what a change costs
  --reports FOLDER   where the reports go                                   (default reports/bench)`

const OPTIONS = {
  rounds: { type: 'string' },
  seconds: { type: 'string' },
  only: { type: 'string', multiple: true },
  messages: { type: 'string', default: '1000000' },
  baseline: { type: 'string' },
  reports: { type: 'string', default: 'reports/bench' },
  help: { type: 'boolean', short: 'h', default: false }
} satisfies ParseArgsOptionsConfig

export type Options = ReturnType<typeof parseOptions>

/** Options come before the environment. @throws Error naming the option that is wrong. */
export function parseOptions (args: string[], env: NodeJS.ProcessEnv = {}) {
  const { rounds, seconds, only, messages, baseline, reports, help } = parseArgs({
    args,
    options: OPTIONS
  }).values
  const known: string[] = CASES.map(({ id }) => id)
  const unknown = only?.find(id => !known.includes(id))
  if (unknown !== undefined) {
    throw new Error(`--only takes a case (${known.join(', ')}), not "${unknown}"`)
  }
  if (reports.trim() === '') throw new Error('--reports must name a folder')
  return {
    rounds: integer('rounds', rounds ?? env.ROUNDS ?? '3', 1, 100),
    seconds: integer('seconds', seconds ?? env.SECONDS ?? '4', 1, 600),
    messages: integer(
      'messages',
      messages,
      0,
      10_000_000,
      'or at least 20000',
      count => count === 0 || count >= 20_000
    ),
    only,
    baseline,
    reports,
    help
  }
}

function integer (
  name: string,
  text: string,
  least: number,
  most: number,
  condition = '',
  holds: (value: number) => boolean = () => true
): number {
  const value = text.trim() === '' ? NaN : Number(text)
  if (Number.isInteger(value) && value >= least && value <= most && holds(value)) return value
  throw new Error(
    `--${name} must be a whole number from ${least} to ${most}${condition && `, ${condition}`}, not "${text}"`
  )
}
