import { originOf, ProblemError } from '@guestbook/service-kit'
import type { FastifyRequest } from 'fastify'

/** A header in a log line. */
const cut = (header?: string) => header?.slice(0, 200)

/**
 * A hook that rejects cross-site posts (CSRF). Browsers send Sec-Fetch-Site, or on plain HTTP only
 * Origin. A client that sends neither is not a browser: nobody's session can be abused. Accepts the
 * origin of the request's own host and the `publicOrigins`.
 */
export function requireSameOrigin (publicOrigins: string[]) {
  const isOwn = (header: string, host: string): boolean => {
    const origin = originOf(header)
    if (origin === undefined) return false
    const [scheme = ''] = origin.split('//', 1)
    // Take the scheme from the browser: a proxy that terminates TLS may not forward it.
    return origin === originOf(`${scheme}//${host}`) || publicOrigins.includes(origin)
  }
  return async ({ headers, host, log }: FastifyRequest): Promise<void> => {
    const { origin, 'sec-fetch-site': site } = headers
    const isSame = site === undefined
      ? origin === undefined || isOwn(origin, host)
      : site === 'same-origin' || site === 'none'
    if (isSame) return
    const compared = { origin: cut(origin), host, sec_fetch_site: cut(site) }
    log.warn(compared, 'cross-site post rejected')
    throw new ProblemError(403, 'cross-site-post',
      'This form was sent from another site. Please use the form on the guestbook\'s own page.')
  }
}
