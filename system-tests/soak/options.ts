import { parseArgs, type ParseArgsOptionsConfig } from 'node:util'

export const USAGE = 'Usage: make soak ARGS="[--minutes N] [--visitors N] [--reports FOLDER]"'

export const HELP = `${USAGE}

Visitors read and sign a guestbook of both services over MongoDB, while mongod, backend and frontend are stopped, killed
and held in turn; for the last third of the time nothing is broken. In the end every acknowledged message must exist
exactly once and nothing else, no error may lie outside a fault's window, and memory and open files must not grow.
The exit status is 1 when that is not so. Writes soak.json.

  --minutes N        how long                              (default 10)
  --visitors N       people at once, half of them sign     (default 16)
  --reports FOLDER   where the report goes                 (default reports/soak)`

const OPTIONS = {
  minutes: { type: 'string', default: '10' },
  visitors: { type: 'string', default: '16' },
  reports: { type: 'string', default: 'reports/soak' },
  help: { type: 'boolean', short: 'h', default: false }
} satisfies ParseArgsOptionsConfig

export type Options = ReturnType<typeof parseOptions>

/** @throws Error naming the option that is wrong. */
export function parseOptions (args: string[]) {
  const { help, reports, ...texts } = parseArgs({ args, options: OPTIONS }).values
  if (reports.trim() === '') throw new Error('--reports must name a folder')
  const number = (name: keyof typeof texts, least: number, most: number): number => {
    const value = texts[name].trim() === '' ? NaN : Number(texts[name])
    if (value >= least && value <= most) return value
    throw new Error(`--${name} must be a number from ${least} to ${most}, not "${texts[name]}"`)
  }
  const visitors = number('visitors', 2, 1000)
  if (!Number.isInteger(visitors)) {
    throw new Error(`--visitors must be a whole number, not "${texts.visitors}"`)
  }
  return { help, reports, minutes: number('minutes', 0.5, 24 * 60), visitors }
}
