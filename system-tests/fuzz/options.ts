import { parseArgs, type ParseArgsOptionsConfig } from 'node:util'
import { COMMON_OPTIONS } from '../lib/command.ts'
import { integerOption } from '../lib/options.ts'

export const USAGE = 'Usage: make fuzz ARGS="[--seconds N] [--max-examples N] [--seed N]"'

export const HELP = `${USAGE}

Fuzzes the API from its OpenAPI document with schemathesis, as a visitor and as the moderator. No
answer may be a 5xx, and each must conform to the document: status, content type, headers, body.
Then, for a quarter of the time more, it posts texts that are expensive to normalise; each answer
must be fast. Rate limits are off. The exit status is 1 when a check fails; the output has the
requests. Needs python3 with pip and venv; schemathesis is installed into .tools.

  --seconds N        duration of both runs                     (default 120)
  --max-examples N   requests per operation and run            (default 100)
  --seed N           repeats the run that printed this seed    (default: a new one)`

const OPTIONS = {
  seconds: { type: 'string', default: '120' },
  'max-examples': { type: 'string', default: '100' },
  seed: { type: 'string' },
  ...COMMON_OPTIONS
} satisfies ParseArgsOptionsConfig

export type Options = ReturnType<typeof parseOptions>

/** @throws Error naming the option that is wrong */
export function parseOptions (args: string[]) {
  const { help, seconds, seed, ...options } = parseArgs({ args, options: OPTIONS }).values
  if (seed !== undefined && !/^\d{1,40}$/.test(seed)) {
    throw new Error(`--seed must be the number that a run has printed, not "${seed}"`)
  }
  return {
    help,
    seconds: integerOption('seconds', seconds, 10, 86_400),
    maxExamples: integerOption('max-examples', options['max-examples'], 1, 100_000),
    seed
  }
}
