import type { FastifyRequest } from 'fastify'

/** Whether If-None-Match names this ETag (RFC 9110 section 13.1.2, weak comparison). */
export function isUnchanged ({ headers }: Pick<FastifyRequest, 'headers'>, etag: string): boolean {
  return headers['if-none-match']?.split(',')
    .some(entry => ['*', etag, `W/${etag}`].includes(entry.trim())) ?? false
}
