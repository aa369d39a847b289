import { createHash, timingSafeEqual } from 'node:crypto'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { ProblemError } from './problem.ts'
import { clientAddress } from './client-address.ts'

const digest = (text: string) => createHash('sha256').update(text).digest()

/** A preHandler that lets only `Authorization: Bearer <token>` pass. `setting` is named in the refusal when no token is configured. */
export function requireBearer (token: string | undefined, setting: string) {
  const expected = token === undefined ? undefined : digest(token)
  return async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    if (!expected) {
      throw new ProblemError(
        403,
        'not-enabled',
        `This is switched off: the service runs without ${setting}.`
      )
    }
    const given = /^Bearer (.+)$/i.exec(request.headers.authorization ?? '')?.[1]
    // Digests have one length, so the comparison tells nothing about the token's.
    if (given !== undefined && timingSafeEqual(digest(given), expected)) return
    request.log.warn(
      { audit: true, client: clientAddress(request), route: request.routeOptions.url },
      'bearer token refused'
    )
    reply.header('www-authenticate', 'Bearer')
    throw new ProblemError(
      401,
      'unauthorized',
      given === undefined
        ? 'Send the token as "Authorization: Bearer <token>".'
        : 'The bearer token is wrong.'
    )
  }
}
