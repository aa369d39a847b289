import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { clientAddress, clientKey } from '../src/client-address.ts'
import { build } from './helper.ts'

/** The IPv4-mapped forms of an IPv4 address. */
function mapped (address: string): string[] {
  const hex = address.split('.').map(part => Number(part).toString(16).padStart(2, '0'))
  const groups = `${hex[0]}${hex[1]}:${hex[2]}${hex[3]}`
  return [`::ffff:${address}`, `::FFFF:${address}`, `0:0:0:0:0:ffff:${address}`, `::ffff:${groups}`]
}

test('an IPv4 client has the same address and trust on an IPv6 socket', async () => {
  const apps = new Map<string, Awaited<ReturnType<typeof build>>['app']>()
  for (const trusted of ['', 'loopback', '10.0.0.0/8', '203.0.113.0/25,loopback', 'uniquelocal']) {
    const { app } = await build({
      env: { TRUST_PROXY: trusted },
      routes: app =>
        app.get('/', async request => ({
          address: clientAddress(request),
          key: clientKey(request),
          protocol: request.protocol
        }))
    })
    apps.set(trusted, app)
  }
  const near = fc.constantFrom(
    '127.0.0.1',
    '10.0.0.1',
    '10.255.255.255',
    '11.0.0.0',
    '203.0.113.127',
    '203.0.113.128',
    '0.0.0.0',
    '255.255.255.255'
  )
  const address = fc.oneof(near, fc.ipV4())
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...apps.keys()),
      address,
      address,
      async (trusted, from, client) => {
        const seen = async (remoteAddress: string, forwarded: string) => {
          const headers = { 'x-forwarded-for': forwarded, 'x-forwarded-proto': 'https' }
          return (
            await apps.get(trusted)!.inject({ url: '/', remoteAddress, headers })
          ).json() as unknown
        }
        const plain = await seen(from, client)
        for (const peer of mapped(from)) expect(await seen(peer, client)).toEqual(plain)
        for (const forwarded of mapped(client)) expect(await seen(from, forwarded)).toEqual(plain)
      }
    )
  )
})

describe('the key of a client', () => {
  test('is an IPv4 address, also in its IPv6 forms', () => {
    for (const ip of [
      '192.0.2.1', '::ffff:192.0.2.1', '::FFFF:192.0.2.1', '0:0:0:0:0:ffff:192.0.2.1',
      '::ffff:c000:201', '0:0:0:0:0:ffff:c000:0201'
    ]) {
      expect([ip, clientKey({ ip })]).toEqual([ip, '192.0.2.1'])
    }
  })

  test('is the /64 of an IPv6 address in any notation', () => {
    const same = [
      '2001:db8:0:1::',
      '2001:db8:0:1::1',
      '2001:0DB8:0000:0001:ffff:ffff:ffff:ffff',
      '2001:db8::1:0:0:0:1',
      '2001:db8:0:1:a::',
      '2001:db8:0:1::192.0.2.1',
      '2001:db8::1:2:3:4:5'
    ]
    for (const ip of same) expect([ip, clientKey({ ip })]).toEqual([ip, '2001:db8:0:1::'])
    expect(clientKey({ ip: '2001:db8:0:2::1' })).toBe('2001:db8:0:2::')
    expect(clientKey({ ip: '::1' })).toBe('::')
    expect(clientKey({ ip: 'fe80::1%eth0' })).toBe('fe80::')
    expect(clientKey({ ip: '1::2:3:4:5:6' })).toBe('1:0:0:2::')
    expect(clientKey({ ip: '::1:2:3:4:5:6' })).toBe('0:0:1:2::')
  })
})

describe('an address as a proxy may forward it:', () => {
  test.each([
    ['192.0.2.1:50000', '192.0.2.1'],
    ['[192.0.2.1]', '192.0.2.1'],
    ['[2001:db8:0:1::1]:50000', '2001:db8:0:1::'],
    ['[2001:db8:0:1::1]', '2001:db8:0:1::'],
    ['unknown', 'unknown'],
    ['_hidden', 'unknown'],
    ['300.1.1.1', 'unknown'],
    ['', 'unknown']
  ])('%s is %s', (ip, key) => { expect(clientKey({ ip })).toBe(key) })
})
