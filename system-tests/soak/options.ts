import { parseArgs, type ParseArgsOptionsConfig } from 'node:util'
import { COMMON_OPTIONS } from '../lib/command.ts'
import { folderOption, integerOption, numberOption } from '../lib/options.ts'

export const USAGE = 'Usage: make soak ARGS="[--minutes N] [--visitors N] [--reports FOLDER]"'

export const HELP = `${USAGE}

Visitors read and post to both services over MongoDB, while mongod, backend and frontend are
stopped, killed and suspended in turn. The last third of the time is without faults. At the end
every acknowledged message must exist exactly once, and no other. No request may fail outside a
fault's window, and memory and open files must not grow. Otherwise the exit status is 1.
Writes soak.json.

  --minutes N        duration                                   (default 10)
  --visitors N       concurrent visitors, half of them post     (default 16)
  --reports FOLDER   where the report goes                      (default reports/soak)`

const OPTIONS = {
  minutes: { type: 'string', default: '10' },
  visitors: { type: 'string', default: '16' },
  reports: { type: 'string', default: 'reports/soak' },
  ...COMMON_OPTIONS
} satisfies ParseArgsOptionsConfig

export type Options = ReturnType<typeof parseOptions>

/** @throws Error naming the option that is wrong */
export function parseOptions (args: string[]) {
  const { help, reports, minutes, visitors } = parseArgs({ args, options: OPTIONS }).values
  return {
    help,
    reports: folderOption('reports', reports),
    minutes: numberOption('minutes', minutes, 0.5, 24 * 60),
    visitors: integerOption('visitors', visitors, 2, 1000)
  }
}
