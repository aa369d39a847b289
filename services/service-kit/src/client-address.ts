import { isIP } from 'node:net'
import rateLimit from '@fastify/rate-limit'
import type { FastifyRequest } from 'fastify'

/** Some proxies forward an address with the visitor's port, which changes. */
const WITH_PORT = /^(?:\[(?<v6>[^\]]*)\]|(?<v4>[\d.]+))(?::\d+)?$/

/**
 * The client's address in canonical form, without port; IPv4 for an IPv4-mapped IPv6 address.
 * `unknown` if a proxy forwards no address (RFC 7239 allows it).
 */
export function clientAddress ({ ip }: Pick<FastifyRequest, 'ip'>): string {
  const { v4, v6 } = WITH_PORT.exec(ip)?.groups ?? {}
  const address = v4 ?? v6 ?? ip
  return isIP(address) ? rateLimit.normalizeIP(address, 128) : 'unknown'
}

/** Identifies a client by its IPv4 address or IPv6 /64. */
export function clientKey (request: Pick<FastifyRequest, 'ip'>): string {
  return rateLimit.normalizeIP(clientAddress(request))
}
