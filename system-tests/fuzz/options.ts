import { parseArgs, type ParseArgsOptionsConfig } from 'node:util'

export const USAGE = 'Usage: make fuzz ARGS="[--seconds N] [--max-examples N] [--seed N]"'

export const HELP = `${USAGE}

Sends the backend what schemathesis makes up from its OpenAPI document, valid and not: once as a visitor, once with the
moderator's token. No answer may be a 5xx, and each must be as the document says: status, content type, headers, body.
Then texts that are dear to normalise are posted for a quarter of the time more; each must be answered in good time.
Rate limits are off, so that they hide nothing. The exit status is 1 when something was found, with the requests that
show it. Needs python3 with pip and venv; schemathesis is installed into .tools.

  --seconds N        how long in all                           (default 120)
  --max-examples N   requests per operation and round          (default 100)
  --seed N           repeats a run; each run prints its seed   (default: another each time)`

const OPTIONS = {
  seconds: { type: 'string', default: '120' },
  'max-examples': { type: 'string', default: '100' },
  seed: { type: 'string' },
  help: { type: 'boolean', short: 'h', default: false }
} satisfies ParseArgsOptionsConfig

export type Options = ReturnType<typeof parseOptions>

/** @throws Error naming the option that is wrong. */
export function parseOptions (args: string[]) {
  const {
    help,
    seconds,
    seed,
    'max-examples': maxExamples
  } = parseArgs({ args, options: OPTIONS }).values
  const whole = (name: string, text: string, least: number, most: number): number => {
    const value = /^\d+$/.test(text) ? Number(text) : NaN
    if (value >= least && value <= most) return value
    throw new Error(`--${name} must be a whole number from ${least} to ${most}, not "${text}"`)
  }
  if (seed !== undefined && !/^\d{1,40}$/.test(seed)) {
    throw new Error(`--seed must be the number that a run has printed, not "${seed}"`)
  }
  return {
    help,
    seconds: whole('seconds', seconds, 10, 86_400),
    maxExamples: whole('max-examples', maxExamples, 1, 100_000),
    seed
  }
}
