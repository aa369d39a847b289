import { isIPv4 } from 'node:net'
import { parseArgs, type ParseArgsOptionsConfig } from 'node:util'
import { COMMON_OPTIONS } from '../lib/command.ts'
import { numberOption } from '../lib/options.ts'

export const USAGE =
  'Usage: make traffic ARGS="[--url URL] [--rate N] [--posts SHARE] [--duration S]\n' +
  '                          [--timeout S] [--json] [--allow-remote]"'

export const HELP = `${USAGE}

Sends traffic to a running guestbook as many visitors do: each has its own cookie, reads the page
first and posts through its form. Requests leave at a fixed rate, however slow the answers are.
Ctrl-C ends it early, with the summary. The exit status is 1 when no request succeeded and 2 when
an option is wrong (make turns both into 2).

  --url URL        the guestbook's page                    (default http://127.0.0.1:3000)
  --rate N         requests a second                       (default 20)
  --posts SHARE    share of posts among them, 0 to 1       (default 0.1)
  --duration S     seconds                                 (default 30)
  --timeout S      seconds to wait for an answer           (default 10)
  --json           prints the summary as JSON
  --allow-remote   accepts a URL that is not on this computer

The guestbook accepts 100 posts a minute from one address. It answers the rest with 429, which
count as "limited". For more, start it with a higher limit: RATE_LIMIT_POSTS=100000 make start`

const OPTIONS = {
  url: { type: 'string', default: 'http://127.0.0.1:3000' },
  rate: { type: 'string', default: '20' },
  posts: { type: 'string', default: '0.1' },
  duration: { type: 'string', default: '30' },
  timeout: { type: 'string', default: '10' },
  json: { type: 'boolean', default: false },
  'allow-remote': { type: 'boolean', default: false },
  ...COMMON_OPTIONS
} satisfies ParseArgsOptionsConfig

export type Options = ReturnType<typeof parseOptions>

/** @throws Error naming the option that is wrong */
export function parseOptions (args: string[]) {
  const { values } = parseArgs({ args, options: OPTIONS })
  const { url, json, help, 'allow-remote': allowRemote, rate, posts, duration, timeout } = values
  if (!/^https?:\/\//.test(url) || !URL.canParse(url)) {
    throw new Error(`--url must be an http or https address, not "${url}"`)
  }
  if (!allowRemote && !isLoopback(new URL(url).hostname)) {
    throw new Error(`--url ${url} is not on this computer; --allow-remote accepts it`)
  }
  return {
    url,
    json,
    help,
    rate: numberOption('rate', rate, 0.1, 10_000),
    posts: numberOption('posts', posts, 0, 1),
    durationMs: 1000 * numberOption('duration', duration, 0.1, 86_400),
    timeoutMs: 1000 * numberOption('timeout', timeout, 0.1, 600)
  }
}

function isLoopback (hostname: string): boolean {
  return (
    hostname === '[::1]' ||
    /(^|\.)localhost$/.test(hostname) ||
    (isIPv4(hostname) && hostname.startsWith('127.'))
  )
}
