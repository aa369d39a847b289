import { isIP, isIPv4, isIPv6 } from 'node:net'
import type { FastifyRequest } from 'fastify'

/** Some proxies forward an address together with the visitor's port, which changes. */
const WITH_PORT = /^(?:\[(?<v6>[^\]]*)\]|(?<v4>[\d.]+))(?::\d+)?$/

/**
 * A client's address without anything beside it. That of an IPv4 client is IPv4 too where an IPv6 socket shows it as
 * `::ffff:192.0.2.1`. Whoever a proxy forwards without an address (RFC 7239 allows `unknown`) is `unknown`.
 */
export function clientAddress (request: Pick<FastifyRequest, 'ip'>): string {
  const { v4, v6 } = WITH_PORT.exec(request.ip)?.groups ?? {}
  const ip = v4 ?? v6 ?? request.ip
  if (!isIP(ip)) return 'unknown'
  if (isIPv4(ip)) return ip
  const groups = groupsOf(ip)
  const isMapped = groups.slice(0, 6).join() === '0,0,0,0,0,65535'
  return isMapped ? groups.slice(6).flatMap(group => [group >> 8, group & 255]).join('.') : ip
}

/**
 * One client: an IPv4 address, or the /64 that an IPv6 user gets as a whole and could hop around in.
 * All without an address are one client together.
 */
export function clientKey (request: Pick<FastifyRequest, 'ip'>): string {
  const address = clientAddress(request)
  if (!isIPv6(address)) return address
  return `${groupsOf(address).slice(0, 4).map(group => group.toString(16)).join(':')}::/64`
}

/** The eight numbers of an IPv6 address in any of its notations. */
function groupsOf (ip: string): number[] {
  const [head = [], tail] = ip
    .replace(/%.*/, '')
    .split('::')
    .map(part => part.split(':').filter(Boolean).flatMap(toNumbers))
  return tail ? [...head, ...Array<number>(8 - head.length - tail.length).fill(0), ...tail] : head
}

function toNumbers (group: string): number[] {
  if (!group.includes('.')) return [parseInt(group, 16)]
  const [a = 0, b = 0, c = 0, d = 0] = group.split('.').map(Number)
  return [a * 256 + b, c * 256 + d]
}
