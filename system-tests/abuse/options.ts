import { parseArgs, type ParseArgsOptionsConfig } from 'node:util'
import { CASES } from './cases.ts'

export const USAGE = 'Usage: make abuse ARGS="[--size N] [--only CASE,...] [--reports FOLDER]"'

export const HELP = `${USAGE}

Attacks the frontend and the backend of a guestbook over MongoDB, one after the other, while a witness reads and posts.
Every attack must be answered as promised (never by a 500, a 503 only with Retry-After), the witness must be served, and
memory and open files must be back in the end. The exit status is 1 when that is not so. It takes some 8 minutes and
writes abuse.json. Needs 14 times --size open files (ulimit -n).

  --size N           connections of a slow attack; a burst has 4 times as many, idle ones are 9 and 12 times as many  (default 500)
  --only CASE,...    of ${CASES.map(({ id }) => id).join(', ')}
  --reports FOLDER   where the report goes                                                 (default reports/abuse)`

const OPTIONS = {
  size: { type: 'string', default: '500' },
  only: { type: 'string' },
  reports: { type: 'string', default: 'reports/abuse' },
  help: { type: 'boolean', short: 'h', default: false }
} satisfies ParseArgsOptionsConfig

export type Options = ReturnType<typeof parseOptions>

/** @throws Error naming the option that is wrong. */
export function parseOptions (args: string[]) {
  const { help, size, only, reports } = parseArgs({ args, options: OPTIONS }).values
  if (reports.trim() === '') throw new Error('--reports must name a folder')
  const value = /^\d+$/.test(size) ? Number(size) : NaN
  if (!(value >= 10 && value <= 2000)) {
    throw new Error(`--size must be a whole number from 10 to 2000, not "${size}"`)
  }
  const chosen = only?.split(',') ?? CASES.map(({ id }) => id)
  const unknown = chosen.filter(id => !CASES.some(entry => entry.id === id))
  if (unknown.length > 0) {
    throw new Error(
      `--only knows no case "${unknown.join(', ')}", but ${CASES.map(({ id }) => id).join(', ')}`
    )
  }
  return { help, reports, size: value, cases: CASES.filter(({ id }) => chosen.includes(id)) }
}
