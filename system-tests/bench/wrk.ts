import { fileURLToPath } from 'node:url'
import { run } from '../lib/exec.ts'

/** What connections repeat: reads, posts to the API, forms of the page, or 9 pages and a form. */
export type Kind = 'read' | 'post' | 'sign' | 'mixed'

export interface Load {
  url: string
  kind: Kind
  connections: number
  seconds: number
  /** Average pause of a connection between two requests. */
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

/** Sends the load with wrk, which requests uncompressed answers from every target. */
export async function send (load: Load): Promise<Measured> {
  const { url, kind, connections, seconds, delayMs = 0 } = load
  const { origin } = new URL(url)
  const args = [
    '--threads=1',
    `--connections=${connections}`,
    `--duration=${seconds}s`,
    '--timeout=10s',
    `--script=${SCRIPT}`,
    '--header=Accept-Encoding: identity',
    `--header=Origin: ${origin}`,
    url,
    '--',
    kind,
    `${Math.round(delayMs)}`
  ]
  return parseResult(await run(process.env.WRK ?? 'wrk', args))
}

/** @throws Error with the output of wrk when it contains no result */
export function parseResult (output: string): Measured {
  const line = /^RESULT (\{.*\})$/m.exec(output)?.[1]
  if (line === undefined) throw new Error(`wrk wrote no result:\n${output}`)
  return JSON.parse(line)
}
