import { expect, test } from '@jest/globals'
import { loadConfig, ServiceSettings } from '../src/config.ts'
import { build } from './helper.ts'

const load = (trusted: string) => loadConfig(ServiceSettings, { TRUST_PROXY: trusted }).TRUST_PROXY

/** The address and protocol the service sees of a request that comes from `from` with these headers. */
async function seen (trusted: string, from: string, headers: Record<string, string>) {
  const { app } = await build({
    env: { TRUST_PROXY: trusted },
    routes: app => app.get('/who', async ({ ip, protocol, host }) => ({ ip, protocol, host }))
  })
  return (await app.inject({ url: '/who', remoteAddress: from, headers: { host: 'guestbook.test', ...headers } })).json()
}

test('addresses, networks and the names of private ranges are accepted, alone and in a list', () => {
  for (const trusted of ['10.0.0.1', '10.0.0.0/8', '::1', 'fd00::/8', 'loopback', 'linklocal', 'uniquelocal', 'loopback, 10.0.0.0/8,::1']) {
    expect(load(trusted)).toBe(trusted)
  }
})

test('what is no address, network or name is refused', () => {
  for (const trusted of ['true', 'all', '10.0.0', '10.0.0.0/33', '::1/129', '10.0.0.0/', 'example.org', 'loopback,', '*', '10.0.0.1/-1']) {
    expect(() => load(trusted)).toThrow(`TRUST_PROXY="${trusted}" must be a list of proxies`)
  }
})

test('a hop count is refused, and why is said', () => {
  for (const hops of ['1', '2', '10']) {
    expect(() => load(hops)).toThrow(`TRUST_PROXY="${hops}" must be a list of proxies (by a number of hops, whoever reaches the service directly could forge them)`)
  }
})

test('without trusted proxies no forwarded header is believed', async () => {
  expect(await seen('', '203.0.113.9', { 'x-forwarded-for': '198.51.100.1', 'x-forwarded-proto': 'https', 'x-forwarded-host': 'evil.test' }))
    .toEqual({ ip: '203.0.113.9', protocol: 'http', host: 'guestbook.test' })
})

test('a trusted proxy is believed about its client', async () => {
  expect(await seen('10.0.0.0/8', '10.1.2.3', { 'x-forwarded-for': '198.51.100.1', 'x-forwarded-proto': 'https', 'x-forwarded-host': 'guestbook.example' }))
    .toEqual({ ip: '198.51.100.1', protocol: 'https', host: 'guestbook.example' })
})

test('somebody who is no trusted proxy is believed nothing', async () => {
  expect(await seen('10.0.0.0/8', '203.0.113.9', { 'x-forwarded-for': '198.51.100.1', 'x-forwarded-proto': 'https' }))
    .toEqual({ ip: '203.0.113.9', protocol: 'http', host: 'guestbook.test' })
})

test('an address that a client put in front of what the proxies wrote is not believed', async () => {
  expect(await seen('loopback,10.0.0.0/8', '127.0.0.1', { 'x-forwarded-for': '1.1.1.1, 203.0.113.9, 10.0.0.5' }))
    .toEqual({ ip: '203.0.113.9', protocol: 'http', host: 'guestbook.test' })
})
