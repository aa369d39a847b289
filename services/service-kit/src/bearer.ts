import { createHash, timingSafeEqual } from 'node:crypto'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { ProblemError } from './problem.ts'
import { clientAddress } from './client-address.ts'

const digest = (text: string) => createHash('sha256').update(text).digest()

/**
 * A hook that requires `Authorization: Bearer <token>`.
 * @param setting the token's setting, named in the error if it is not set
 */
export function requireBearer (token: string | undefined, setting: string) {
  const expected = token === undefined ? undefined : digest(token)
  return async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    if (!expected) {
      throw new ProblemError(403, 'not-enabled', `This is disabled: ${setting} is not set.`)
    }
    const given = /^Bearer (.+)$/i.exec(request.headers.authorization ?? '')?.[1]
    // timingSafeEqual needs equal lengths, and must not reveal the token's.
    if (given !== undefined && timingSafeEqual(digest(given), expected)) return
    request.log.warn(
      { audit: true, client: clientAddress(request), route: request.routeOptions.url },
      'bearer token rejected'
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
