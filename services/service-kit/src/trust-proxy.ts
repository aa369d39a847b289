import { isIP } from 'node:net'
import { compile } from '@fastify/proxy-addr'
import type { ServiceConfig } from './config.ts'
import { entriesOf } from './origin.ts'

/** Whether an address is trusted. Hop 0 is the peer, hop 1 the last entry of X-Forwarded-For. */
type TrustAddress = (address: string, hop: number) => boolean

/** @throws TypeError if an entry is no address, CIDR or name of a private range. */
export function compileProxyList (list: string): TrustAddress {
  return list === '' ? () => false : compile(entriesOf(list))
}

/** Stricter than `compileProxyList`, which reads a hop count as the address 0.0.0.n. */
export function isProxyList (list: string): boolean {
  try {
    compileProxyList(list)
  } catch {
    return false
  }
  return list === '' ||
    entriesOf(list).every(entry => /^[a-z]+$/.test(entry) || isIP(entry.split('/', 1)[0]!) > 0)
}

/**
 * Fastify's trustProxy: addresses of TRUST_PROXY, up to TRUST_PROXY_HOPS. Entries beyond may be
 * forged by a visitor, even one whose address is in a trusted network.
 */
export function trustProxy (
  { TRUST_PROXY, TRUST_PROXY_HOPS }: Pick<ServiceConfig, 'TRUST_PROXY' | 'TRUST_PROXY_HOPS'>
): TrustAddress | false {
  if (TRUST_PROXY === '') return false
  const isTrusted = compileProxyList(TRUST_PROXY)
  return (address, hop) => hop < TRUST_PROXY_HOPS && isTrusted(address, hop)
}
