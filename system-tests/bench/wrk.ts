import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'

/** What a connection sends again and again: nothing but reads, posts to the API, forms to the page, or 9 pages and 1 form. */
export type Kind = 'read' | 'post' | 'sign' | 'mixed'

export interface Load {
  url: string
  kind: Kind
  connections: number
  seconds: number
  /** Average pause of a connection between two requests; none when left out. */
  delayMs?: number
}

export interface Measured {
  requests: number
  seconds: number
  /** Answers of status 400 and above, and requests without an answer. */
  errors: number
  p50Ms: number
  p99Ms: number
}

const SCRIPT = fileURLToPath(new URL('wrk.lua', import.meta.url))

/** Sends the load with wrk. Everyone is asked for the same thing: bytes that are not compressed. */
export async function send ({
  url,
  kind,
  connections,
  seconds,
  delayMs = 0
}: Load): Promise<Measured> {
  const { origin } = new URL(url)
  const args = [
    '--threads',
    '1',
    '--connections',
    `${connections}`,
    '--duration',
    `${seconds}s`,
    '--timeout',
    '10s',
    '--script',
    SCRIPT,
    '--header',
    'Accept-Encoding: identity',
    '--header',
    `Origin: ${origin}`,
    url,
    '--',
    kind,
    `${Math.round(delayMs)}`
  ]
  const child = spawn(process.env.WRK ?? 'wrk', args, { stdio: ['ignore', 'pipe', 'pipe'] })
  const [output, errors, [status]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close')
  ])
  if (status !== 0) throw new Error(`wrk ended with ${status}: ${errors}${output}`)
  return parseResult(output)
}

/** @throws Error showing what wrk wrote when there is no result in it. */
export function parseResult (output: string): Measured {
  const line = /^RESULT (\{.*\})$/m.exec(output)?.[1]
  if (line === undefined) throw new Error(`wrk wrote no result:\n${output}`)
  return JSON.parse(line)
}
