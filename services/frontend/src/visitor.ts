import { createHash, randomUUID } from 'node:crypto'
import { normaliseMessage, normaliseName } from '@guestbook/service-kit'
import type { FastifyReply, FastifyRequest } from 'fastify'

const COOKIE = 'visitor'
const VISITOR_ID = /^[\w-]{36}$/
const YEAR_S = 365 * 24 * 60 * 60

/** A random id that says nothing about the visitor; made at the first visit. It only serves to recognise a repeated post. */
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

/** The same for a double click, a refresh, the back button and a retry; another for an edited text or another visitor. */
export function idempotencyKey (
  visitor: string,
  { name, message }: { name: string; message: string }
): string {
  return createHash('sha256')
    .update(JSON.stringify([visitor, normaliseName(name), normaliseMessage(message)]))
    .digest('base64url')
}
