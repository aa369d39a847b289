import { randomUUID } from 'node:crypto'
import type { FastifyReply, FastifyRequest } from 'fastify'

const COOKIE = 'visitor'
const VISITOR_ID = /^[\w-]{36}$/
const YEAR_S = 365 * 24 * 60 * 60

/** A random id in a cookie, set at the first visit. Its only use is to recognise repeated posts. */
export function visitorId (request: FastifyRequest, reply: FastifyReply): string {
  const known = request.cookies[COOKIE]
  if (known !== undefined && VISITOR_ID.test(known)) return known
  const id = randomUUID()
  reply.setCookie(COOKIE, id, {
    path: '/',
    httpOnly: true,
    sameSite: 'lax',
    secure: request.protocol === 'https',
    maxAge: YEAR_S
  })
  return id
}
