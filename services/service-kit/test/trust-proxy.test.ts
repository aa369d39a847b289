import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { loadConfig, ServiceSettings } from '../src/config.ts'
import { build } from './helper.ts'

const load = (trusted: string) => loadConfig(ServiceSettings, { TRUST_PROXY: trusted }).TRUST_PROXY

/** The address, protocol and host that the service determines for a request from `from`. */
async function seen (trusted: string, from: string, headers: Record<string, string>, hops = 1) {
  const { app } = await build({
    env: { TRUST_PROXY: trusted, TRUST_PROXY_HOPS: `${hops}` },
    routes: app => app.get('/who', async ({ ip, protocol, host }) => ({ ip, protocol, host }))
  })
  return (
    await app.inject({
      url: '/who',
      remoteAddress: from,
      headers: { host: 'guestbook.test', ...headers }
    })
  ).json()
}

test('addresses, networks and names of private ranges are accepted', () => {
  for (const trusted of [
    '10.0.0.1', '10.0.0.0/8', '::1', 'fd00::/8', 'loopback', 'linklocal', 'uniquelocal',
    'loopback, 10.0.0.0/8,::1'
  ]) {
    expect(load(trusted)).toBe(trusted)
  }
})

test('anything else is rejected', () => {
  for (const trusted of [
    'true', 'all', '10.0.0', '10.0.0.0/33', '::1/129', '10.0.0.0/', 'example.org', 'loopback,', '*',
    '10.0.0.1/-1'
  ]) {
    expect(() => load(trusted)).toThrow(`TRUST_PROXY="${trusted}" must be a list of proxies`)
  }
})

test('a hop count is rejected with the reason', () => {
  for (const hops of ['1', '2', '10']) {
    expect(() => load(hops)).toThrow(
      `TRUST_PROXY="${hops}" must be a list of proxies ` +
        '(with a hop count, any direct client could forge its address)'
    )
  }
})

test('without trusted proxies forwarded headers are ignored', async () => {
  expect(
    await seen('', '203.0.113.9', {
      'x-forwarded-for': '198.51.100.1',
      'x-forwarded-proto': 'https',
      'x-forwarded-host': 'evil.test'
    })
  ).toEqual({ ip: '203.0.113.9', protocol: 'http', host: 'guestbook.test' })
})

test('headers of a trusted proxy are used', async () => {
  expect(
    await seen('10.0.0.0/8', '10.1.2.3', {
      'x-forwarded-for': '198.51.100.1',
      'x-forwarded-proto': 'https',
      'x-forwarded-host': 'guestbook.example'
    })
  ).toEqual({ ip: '198.51.100.1', protocol: 'https', host: 'guestbook.example' })
})

test('headers of an untrusted peer are ignored', async () => {
  expect(
    await seen('10.0.0.0/8', '203.0.113.9', {
      'x-forwarded-for': '198.51.100.1',
      'x-forwarded-proto': 'https'
    })
  ).toEqual({ ip: '203.0.113.9', protocol: 'http', host: 'guestbook.test' })
})

test('addresses before those of the proxies are ignored', async () => {
  expect(
    await seen('loopback', '127.0.0.1', { 'x-forwarded-for': '1.1.1.1, 203.0.113.9' })
  ).toEqual({ ip: '203.0.113.9', protocol: 'http', host: 'guestbook.test' })
})

describe('the address of the client:', () => {
  const POD = '10.244.1.7'
  const PRIVATE = '10.0.0.9'
  const PUBLIC = '203.0.113.9'
  test.each<
    [string, { trusted: string; hops?: number; from: string; chain?: string; client: string }]
  >([
    ['no proxy is trusted', { trusted: '', from: POD, chain: PUBLIC, client: POD }],
    [
      'the ingress replaces the header',
      { trusted: 'uniquelocal', from: POD, chain: PUBLIC, client: PUBLIC }
    ],
    [
      'the ingress appends, a private visitor forges',
      { trusted: 'uniquelocal', from: POD, chain: `1.2.3.4, ${PRIVATE}`, client: PRIVATE }
    ],
    [
      'the same with forged private entries',
      {
        trusted: 'uniquelocal',
        from: POD,
        chain: `10.9.9.9, 10.8.8.8, ${PRIVATE}`,
        client: PRIVATE
      }
    ],
    [
      'the same with the ingress named by its network',
      { trusted: '10.244.0.0/16', from: POD, chain: `10.244.1.8, ${PRIVATE}`, client: PRIVATE }
    ],
    [
      'the same with an IPv6 visitor',
      { trusted: 'uniquelocal', from: 'fd00::1', chain: '1.2.3.4, fd00::9', client: 'fd00::9' }
    ],
    [
      'an unknown load balancer in front of the ingress',
      { trusted: 'uniquelocal', from: POD, chain: `${PUBLIC}, 10.0.0.2`, client: '10.0.0.2' }
    ],
    [
      'the same with two hops',
      {
        trusted: 'uniquelocal',
        hops: 2,
        from: POD,
        chain: `1.2.3.4, ${PUBLIC}, 10.0.0.2`,
        client: PUBLIC
      }
    ],
    [
      'the same, a private visitor forges',
      {
        trusted: 'uniquelocal',
        hops: 2,
        from: POD,
        chain: `1.2.3.4, ${PRIVATE}, 10.0.0.2`,
        client: PRIVATE
      }
    ],
    [
      'the same, a client that bypasses the load balancer forges',
      {
        trusted: `${POD},198.51.100.2`,
        hops: 2,
        from: POD,
        chain: `1.2.3.4, ${PRIVATE}`,
        client: PRIVATE
      }
    ],
    [
      'more hops than proxies',
      { trusted: 'uniquelocal', hops: 3, from: POD, chain: PUBLIC, client: PUBLIC }
    ],
    [
      'a client that bypasses the ingress',
      { trusted: POD, from: PRIVATE, chain: '1.2.3.4', client: PRIVATE }
    ],
    ['a trusted proxy without a header', { trusted: 'uniquelocal', from: POD, client: POD }],
    ['an empty header', { trusted: 'uniquelocal', from: POD, chain: ' , ', client: POD }]
  ])('%s', async (_what, { trusted, hops = 1, from, chain, client }) => {
    expect(
      (await seen(trusted, from, chain === undefined ? {} : { 'x-forwarded-for': chain }, hops))
        .ip
    ).toBe(client)
  })

  test('for any forged entries, the ingress determines the address', async () => {
    const address = fc.oneof(
      fc.ipV4(),
      fc.ipV6(),
      fc.constantFrom('10.9.9.9', '', 'unknown', '127.0.0.1')
    )
    await fc.assert(
      fc.asyncProperty(
        fc.array(address),
        fc.constantFrom('uniquelocal', '10.0.0.0/8', POD),
        async (forged, trusted) => {
          expect(
            (await seen(trusted, POD, { 'x-forwarded-for': [...forged, PRIVATE].join(', ') })).ip
          ).toBe(PRIVATE)
        }
      ),
      { numRuns: 30 }
    )
  })
})

test('a flood from one private visitor with forged entries is rate-limited', async () => {
  const { app } = await build({
    env: { TRUST_PROXY: 'uniquelocal,100.64.0.0/10' },
    routes: app => app.post('/limited', { config: { rateLimit: {} } }, async () => ({}))
  })
  const statuses: number[] = []
  for (let i = 0; i < 130; i++) {
    const headers = { 'x-forwarded-for': `198.51.100.${i}, 10.1.${i}.1, 10.0.0.9` }
    statuses.push(
      (
        await app.inject({ method: 'POST', url: '/limited', remoteAddress: '10.244.1.7', headers })
      ).statusCode
    )
  }
  expect([
    statuses.filter(status => status === 200).length,
    statuses.filter(status => status === 429).length
  ]).toEqual([100, 30])
})
