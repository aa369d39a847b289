import type { FastifyRequest } from 'fastify'
import { originOf, ProblemError } from '@guestbook/service-kit'

/** Of a header no more is logged. */
const MAX_LOGGED = 200

/**
 * A hook that refuses posts which another site's page makes a visitor's browser send. Browsers say
 * where a request comes from in Sec-Fetch-Site, or on plain HTTP only in Origin; a client that sends
 * neither is no browser and has nobody to deceive. An Origin may be that of the request's own host,
 * or one of `publicOrigins`.
 */
export function requireSameOrigin (publicOrigins: string[]) {
  const isOwn = (origin: string, host: string): boolean => {
    const sent = originOf(origin)
    if (sent === undefined) return false
    const [scheme = ''] = sent.split('//', 1)
    // A proxy that ends TLS need not say so: the browser's scheme counts, and its default port.
    return sent === originOf(`${scheme}//${host}`) || publicOrigins.includes(sent)
  }
  return async ({ headers, host, log }: FastifyRequest): Promise<void> => {
    const { origin, 'sec-fetch-site': site } = headers
    const isSame = site === undefined
      ? origin === undefined || isOwn(origin, host)
      : site === 'same-origin' || site === 'none'
    if (isSame) return
    const [sent, fetchSite] = [origin, site].map(header => header?.slice(0, MAX_LOGGED))
    log.warn({ origin: sent, host, sec_fetch_site: fetchSite }, 'cross-site post rejected')
    throw new ProblemError(403, 'cross-site-post',
      'This form was sent from another site. Please write on the guestbook\'s own page.')
  }
}
