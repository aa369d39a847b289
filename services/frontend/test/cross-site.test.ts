import { expect, test } from '@jest/globals'
import { A_REFERENCE, buildBoth } from './helper.ts'
import { formOn, referenceOn } from './html.ts'

type Headers = Record<string, string>

const REQUEST = {
  method: 'POST', url: '/', payload: 'name=Mallory&message=Words+of+an+attacker'
} as const
const SENT = { host: 'guestbook.test', 'content-type': 'application/x-www-form-urlencoded' }

async function open (env: Headers = {}) {
  const { app, backend, service } = await buildBoth({ frontend: env })
  const post = async (headers: Headers) =>
    await app.inject({ ...REQUEST, headers: { ...SENT, ...headers } })
  const statusOf = async (headers: Headers) => (await post(headers)).statusCode
  return { post, statusOf, stored: backend.stored, service }
}

test('a form of another site is rejected, and the page does not contain its text', async () => {
  const { post, stored } = await open()
  const foreign: Headers[] = [
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
    { 'sec-fetch-site': 'cross-site', origin: 'http://guestbook.test' },
    { 'sec-fetch-site': '' },
    { 'sec-fetch-site': 'same-origin, cross-site' },
    { origin: 'http://evil.test' },
    { origin: 'http://guestbook.test.evil.test' },
    { origin: 'http://guestbook.test:8080' },
    { origin: 'http://guestbook.test:443' },
    { origin: 'https://guestbook.test:80' },
    { origin: 'http://guestbook.test/path' },
    { origin: 'http://evil@guestbook.test' },
    { origin: 'http://guestbook.test, http://evil.test' },
    { origin: 'http://guestbook.test http://evil.test' },
    { origin: 'ftp://guestbook.test' },
    { origin: 'chrome-extension://guestbook.test' },
    { origin: 'guestbook.test' },
    { origin: 'null' },
    { origin: '' }
  ]
  for (const headers of foreign) {
    const response = await post(headers)
    expect([headers, response.statusCode]).toEqual([headers, 403])
    expect(response.body).toContain('This form was sent from another site.')
    expect(response.body).not.toMatch(/Mallory|attacker/)
    expect(formOn(response.body)).toBeUndefined()
    expect(referenceOn(response.body)).toMatch(A_REFERENCE)
    expect(response.headers['set-cookie']).toBeUndefined()
  }
  expect(await stored()).toEqual([])
})

test("the guestbook's own form is accepted on HTTPS, on HTTP and at any port", async () => {
  const { statusOf } = await open()
  const own: Headers[] = [
    { 'sec-fetch-site': 'same-origin', origin: 'https://guestbook.test' },
    { 'sec-fetch-site': 'none' },
    { origin: 'http://guestbook.test' },
    { origin: 'https://guestbook.test' },
    { host: 'guestbook.test:3000', origin: 'http://guestbook.test:3000' },
    { host: '[::1]:3000', origin: 'http://[::1]:3000' },
    { host: '[::1]', origin: 'http://[0:0::1]:80' },
    { host: 'guestbook.test:80', origin: 'http://guestbook.test' },
    { host: 'guestbook.test', origin: 'http://guestbook.test:80' },
    { host: 'guestbook.test:443', origin: 'https://guestbook.test' },
    { host: 'Guestbook.TEST', origin: 'http://guestbook.test' },
    { host: 'guestbook.test.', origin: 'http://guestbook.test' },
    { host: 'guestbook.test.:8080', origin: 'http://guestbook.test.:8080' },
    { host: 'xn--bcher-kva.test', origin: 'http://b\u00fccher.test' }
  ]
  for (const headers of own) {
    expect([headers, await statusOf(headers)]).toEqual([headers, 303])
  }
})

test('a client without both headers is not a browser and is accepted', async () => {
  const { statusOf } = await open()
  expect(await statusOf({})).toBe(303)
})

test('behind a trusted proxy, X-Forwarded-Host counts as the host', async () => {
  const origin = 'http://guestbook.test'
  const headers = { host: 'pod-7:3000', 'x-forwarded-host': 'guestbook.test', origin }
  expect(await (await open({ TRUST_PROXY: 'loopback' })).statusOf(headers)).toBe(303)
  expect(await (await open()).statusOf(headers)).toBe(403)
})

test('behind a proxy that rewrites the host, only the public origins are accepted', async () => {
  const PUBLIC_ORIGIN = 'https://Guestbook.example:443, http://other.example:8080'
  const { statusOf } = await open({ PUBLIC_ORIGIN })
  for (const origin of [
    'https://guestbook.example',
    'http://other.example:8080',
    'http://guestbook.test'
  ]) {
    expect([origin, await statusOf({ origin })]).toEqual([origin, 303])
  }
  for (const origin of [
    'http://guestbook.example',
    'https://guestbook.example:8443',
    'http://other.example',
    'https://a.guestbook.example',
    'null'
  ]) {
    expect([origin, await statusOf({ origin })]).toEqual([origin, 403])
  }
  const foreign = { origin: 'https://guestbook.example', 'sec-fetch-site': 'cross-site' }
  expect(await statusOf(foreign)).toBe(403)
})

test('the log has the compared headers, truncated', async () => {
  const { post, service } = await open()
  const long = `http://${'e'.repeat(193)}`
  const site = 'cross-site'
  await post({ origin: 'http://evil.test' })
  await post({ origin: `${long}${'e'.repeat(5000)}.test`, 'sec-fetch-site': site })
  expect(service.lines.filter(({ msg }) => msg === 'cross-site post rejected')).toMatchObject([
    { level: 'warn', origin: 'http://evil.test', host: 'guestbook.test' },
    { level: 'warn', origin: long, host: 'guestbook.test', sec_fetch_site: site }
  ])
})

test.each(['guestbook.example', 'https://guestbook.example/path', '*', 'https://a.example,'])(
  'PUBLIC_ORIGIN=%s is invalid',
  async value => {
    await expect(open({ PUBLIC_ORIGIN: value })).rejects.toThrow(
      `PUBLIC_ORIGIN="${value}" must be a list of origins ` +
      'such as https://guestbook.example, without a path.'
    )
  }
)
