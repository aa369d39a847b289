import { isIPv6 } from 'node:net'
import type { FastifyRequest } from 'fastify'

/** One client: an IPv4 address, or the /64 that an IPv6 user gets as a whole and could hop around in. */
export function clientKey ({ ip }: Pick<FastifyRequest, 'ip'>): string {
  if (!isIPv6(ip)) return ip
  const groups = groupsOf(ip)
  const isMapped = groups.slice(0, 6).join() === '0,0,0,0,0,65535'
  if (isMapped) return groups.slice(6).flatMap(group => [group >> 8, group & 255]).join('.')
  return `${groups.slice(0, 4).map(group => group.toString(16)).join(':')}::/64`
}

/** The eight numbers of an IPv6 address in any of its notations. */
function groupsOf (ip: string): number[] {
  const [head = [], tail] = ip.replace(/%.*/, '').split('::').map(part => part.split(':').filter(Boolean).flatMap(toNumbers))
  return tail ? [...head, ...Array<number>(8 - head.length - tail.length).fill(0), ...tail] : head
}

function toNumbers (group: string): number[] {
  if (!group.includes('.')) return [parseInt(group, 16)]
  const [a = 0, b = 0, c = 0, d = 0] = group.split('.').map(Number)
  return [a * 256 + b, c * 256 + d]
}
