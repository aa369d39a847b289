import type { FastifyRequest } from 'fastify'

/** Whether the client has this representation already (If-None-Match, RFC 9110 section 13.1.2, weak comparison). */
export function isUnchanged ({ headers }: Pick<FastifyRequest, 'headers'>, etag: string): boolean {
  const known = headers['if-none-match']
  if (known === undefined) return false
  return (
    known === etag ||
    known.split(',').some(entry => ['*', etag, `W/${etag}`].includes(entry.trim()))
  )
}
