import type { FastifyRequest } from 'fastify'
import { ProblemError } from '@guestbook/service-kit'

/**
 * Refuses posts that another site's page makes a visitor's browser send. Browsers say where a request comes from in
 * Sec-Fetch-Site, or on plain HTTP only in Origin; a client that sends neither is no browser and has nobody to deceive.
 */
export async function requireSameOrigin ({ headers, host }: FastifyRequest): Promise<void> {
  const site = headers['sec-fetch-site']
  const isSame = site !== undefined
    ? site === 'same-origin' || site === 'none'
    : headers.origin === undefined || (URL.canParse(headers.origin) && new URL(headers.origin).host === host)
  if (!isSame) throw new ProblemError(403, 'cross-site-post', 'This form was sent from another site. Please write on the guestbook\'s own page.')
}
