import { expect, test } from '@jest/globals'
import { build } from './helper.ts'

test('the limit is per client, and only on rate-limited routes', async () => {
  const { app } = await build({
    env: { RATE_LIMIT_POSTS: '2' },
    routes: app => {
      app.post('/limited', { config: { rateLimit: {} } }, async () => ({}))
      app.get('/free', async () => ({}))
    }
  })
  const post = async (remoteAddress: string) =>
    (await app.inject({ method: 'POST', url: '/limited', remoteAddress })).statusCode
  expect([
    await post('192.0.2.1'),
    await post('::ffff:192.0.2.1'),
    await post('192.0.2.1')
  ]).toEqual([200, 200, 429])
  expect([
    await post('2001:db8::1'),
    await post('2001:db8::2'),
    await post('2001:db8::3')
  ]).toEqual([200, 200, 429])
  expect(await post('2001:db8:0:1::1')).toBe(200)
  for (let i = 0; i < 5; i++) expect((await app.inject('/free')).statusCode).toBe(200)
})

test('beyond the limit, the response is a problem with Retry-After', async () => {
  const { app } = await build({
    env: { RATE_LIMIT_POSTS: '1' },
    routes: app => app.post('/limited', { config: { rateLimit: {} } }, async () => ({}))
  })
  await app.inject({ method: 'POST', url: '/limited' })
  const rejected = await app.inject({
    method: 'POST',
    url: '/limited',
    headers: { traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-00` }
  })
  expect(rejected.statusCode).toBe(429)
  expect(Number(rejected.headers['retry-after'])).toBeGreaterThan(0)
  expect(Number(rejected.headers['retry-after'])).toBeLessThanOrEqual(60)
  expect(rejected.json()).toEqual({
    type: 'urn:guestbook:problem:too-many-requests',
    title: 'Too many requests',
    status: 429,
    detail: 'Rate limit exceeded, retry in 1 minute',
    traceId: 'a'.repeat(32)
  })
})
