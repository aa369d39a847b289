import { isIPv4 } from 'node:net'
import { parseArgs, type ParseArgsOptionsConfig } from 'node:util'

export const USAGE =
  'Usage: make traffic ARGS="[--url URL] [--rate N] [--posts SHARE] [--duration S] [--timeout S] [--json] [--allow-remote]"'

export const HELP = `${USAGE}

Sends traffic to a running guestbook as many visitors would: each has a cookie of its own, opens the page first and posts
through its form. Requests leave at a fixed rate, however slow the answers are. Ctrl-C ends early, with the summary.
The exit status is 1 when no request succeeded and 2 when an option is wrong (make makes 2 of both).

  --url URL        the guestbook's page                             (default http://127.0.0.1:3000)
  --rate N         requests a second                                (default 20)
  --posts SHARE    share of posts among them, 0 to 1                (default 0.1)
  --duration S     seconds to send for                              (default 30)
  --timeout S      seconds to wait for an answer                    (default 10)
  --json           print the summary as JSON
  --allow-remote   accept a URL that is not on this computer

The guestbook takes 100 posts a minute from one address; the rest are answered with 429 and counted as "limited". To post
faster, start it with a higher limit: RATE_LIMIT_POSTS=100000 make start`

const OPTIONS = {
  url: { type: 'string', default: 'http://127.0.0.1:3000' },
  rate: { type: 'string', default: '20' },
  posts: { type: 'string', default: '0.1' },
  duration: { type: 'string', default: '30' },
  timeout: { type: 'string', default: '10' },
  json: { type: 'boolean', default: false },
  'allow-remote': { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false }
} satisfies ParseArgsOptionsConfig

export type Options = ReturnType<typeof parseOptions>

/** @throws Error naming the option that is wrong. */
export function parseOptions (args: string[]) {
  const {
    url,
    json,
    help,
    'allow-remote': allowRemote,
    ...texts
  } = parseArgs({ args, options: OPTIONS }).values
  if (!/^https?:\/\//.test(url) || !URL.canParse(url)) {
    throw new Error(`--url must be an http or https address, not "${url}"`)
  }
  if (!allowRemote && !isLoopback(new URL(url).hostname)) {
    throw new Error(`--url ${url} is not on this computer; --allow-remote accepts it`)
  }
  const number = (name: keyof typeof texts, least: number, most: number): number => {
    const value = texts[name].trim() === '' ? NaN : Number(texts[name])
    if (value >= least && value <= most) return value
    throw new Error(`--${name} must be a number from ${least} to ${most}, not "${texts[name]}"`)
  }
  return {
    url,
    json,
    help,
    rate: number('rate', 0.1, 10_000),
    posts: number('posts', 0, 1),
    durationMs: 1000 * number('duration', 0.1, 86_400),
    timeoutMs: 1000 * number('timeout', 0.1, 600)
  }
}

function isLoopback (hostname: string): boolean {
  return (
    hostname === '[::1]' ||
    /(^|\.)localhost$/.test(hostname) ||
    (isIPv4(hostname) && hostname.startsWith('127.'))
  )
}
