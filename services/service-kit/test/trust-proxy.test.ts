import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { loadConfig, ServiceSettings } from '../src/config.ts'
import { build } from './helper.ts'

const load = (trusted: string) => loadConfig(ServiceSettings, { TRUST_PROXY: trusted }).TRUST_PROXY

/** The address, protocol and host that the service determines for a request from `from`. */
async function seen (trusted: string, from: string, headers?: object, hops = 1) {
  const { app } = await build({
    env: { TRUST_PROXY: trusted, TRUST_PROXY_HOPS: `${hops}` },
    routes: app => app.get('/who', async ({ ip, protocol, host }) => ({ ip, protocol, host }))
  })
  const response = await app.inject({
    url: '/who', remoteAddress: from, headers: { host: 'guestbook.test', ...headers }
  })
  return response.json()
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

const ENTRY = { 'x-forwarded-for': '198.51.100.1' }
const HTTPS = { ...ENTRY, 'x-forwarded-proto': 'https' }
const FORWARDED = { ...HTTPS, 'x-forwarded-host': 'guestbook.example' }

test.each([
  ['without trusted proxies are ignored', '', '203.0.113.9', FORWARDED, '203.0.113.9'],
  ['of an untrusted peer are ignored', '10.0.0.0/8', '203.0.113.9', HTTPS, '203.0.113.9'],
  [
    'have forged addresses before those of the proxies',
    'loopback',
    '127.0.0.1',
    { 'x-forwarded-for': '1.1.1.1, 203.0.113.9' },
    '203.0.113.9'
  ]
])('forwarded headers %s', async (_what, trusted, from, headers, ip) => {
  expect(await seen(trusted, from, headers))
    .toEqual({ ip, protocol: 'http', host: 'guestbook.test' })
})

test('forwarded headers of a trusted proxy are used', async () => {
  expect(await seen('10.0.0.0/8', '10.1.2.3', FORWARDED))
    .toEqual({ ip: '198.51.100.1', protocol: 'https', host: 'guestbook.example' })
})

describe('the address of the client:', () => {
  const POD = '10.244.1.7'
  const PRIVATE = '10.0.0.9'
  const PUBLIC = '203.0.113.9'
  const LB = '10.0.0.2'
  interface Case { trusted?: string, hops?: number, from?: string, chain?: string, client: string }
  test.each<[string, Case]>([
    ['no proxy is trusted', { trusted: '', chain: PUBLIC, client: POD }],
    ['the ingress replaces the header', { chain: PUBLIC, client: PUBLIC }],
    [
      'the ingress appends, a private visitor forges',
      { chain: `1.2.3.4, ${PRIVATE}`, client: PRIVATE }
    ],
    [
      'the same with forged private entries',
      { chain: `10.9.9.9, 10.8.8.8, ${PRIVATE}`, client: PRIVATE }
    ],
    [
      'the same with the ingress named by its network',
      { trusted: '10.244.0.0/16', chain: `10.244.1.8, ${PRIVATE}`, client: PRIVATE }
    ],
    [
      'the same with an IPv6 visitor',
      { from: 'fd00::1', chain: '1.2.3.4, fd00::9', client: 'fd00::9' }
    ],
    [
      'an unknown load balancer in front of the ingress',
      { chain: `${PUBLIC}, ${LB}`, client: LB }
    ],
    ['the same with two hops', { hops: 2, chain: `1.2.3.4, ${PUBLIC}, ${LB}`, client: PUBLIC }],
    [
      'the same, a private visitor forges',
      { hops: 2, chain: `1.2.3.4, ${PRIVATE}, ${LB}`, client: PRIVATE }
    ],
    [
      'the same, a client that bypasses the load balancer forges',
      { trusted: `${POD},198.51.100.2`, hops: 2, chain: `1.2.3.4, ${PRIVATE}`, client: PRIVATE }
    ],
    ['more hops than proxies', { hops: 3, chain: PUBLIC, client: PUBLIC }],
    [
      'a client that bypasses the ingress',
      { trusted: POD, from: PRIVATE, chain: '1.2.3.4', client: PRIVATE }
    ],
    ['a trusted proxy without a header', { client: POD }],
    ['an empty header', { chain: ' , ', client: POD }]
  ])('%s', async (_what, { trusted = 'uniquelocal', hops = 1, from = POD, chain, client }) => {
    const headers = chain === undefined ? undefined : { 'x-forwarded-for': chain }
    expect((await seen(trusted, from, headers, hops)).ip).toBe(client)
  })

  test('for any forged entries, the ingress determines the address', async () => {
    const special = fc.constantFrom('10.9.9.9', '', 'unknown', '127.0.0.1')
    const entries = fc.array(fc.oneof(fc.ipV4(), fc.ipV6(), special))
    const proxies = fc.constantFrom('uniquelocal', '10.0.0.0/8', POD)
    await fc.assert(fc.asyncProperty(entries, proxies, async (forged, trusted) => {
      const headers = { 'x-forwarded-for': [...forged, PRIVATE].join(', ') }
      expect((await seen(trusted, POD, headers)).ip).toBe(PRIVATE)
    }), { numRuns: 30 })
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
    const request = { url: '/limited', remoteAddress: '10.244.1.7', headers }
    statuses.push((await app.inject({ method: 'POST', ...request })).statusCode)
  }
  const count = (wanted: number) => statuses.filter(status => status === wanted).length
  expect([count(200), count(429)]).toEqual([100, 30])
})
