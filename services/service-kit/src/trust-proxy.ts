import { compile } from '@fastify/proxy-addr'
import type { ServiceConfig } from './config.ts'

/**
 * Which addresses Fastify believes about whom they forward for. `hop` is 0 for the peer of the
 * connection, 1 for who that names last in X-Forwarded-For, and so on: entries beyond
 * TRUST_PROXY_HOPS are a visitor's own, even when the visitor's address is in a listed network.
 */
export function trustProxy (
  { TRUST_PROXY, TRUST_PROXY_HOPS }: Pick<ServiceConfig, 'TRUST_PROXY' | 'TRUST_PROXY_HOPS'>
): ((address: string, hop: number) => boolean) | false {
  if (!TRUST_PROXY) return false
  const isListed = compile(TRUST_PROXY.split(',').map(entry => entry.trim()))
  return (address, hop) => hop < TRUST_PROXY_HOPS && isListed(address, hop)
}
