import { expect, test } from '@jest/globals'
import { problem } from '../testing/index.ts'
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
  for (const sameClient of [
    ['192.0.2.1', '::ffff:192.0.2.1', '192.0.2.1'],
    ['2001:db8::1', '2001:db8::2', '2001:db8::3']
  ]) {
    const statuses: number[] = []
    for (const address of sameClient) statuses.push(await post(address))
    expect(statuses).toEqual([200, 200, 429])
  }
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
  const detail = 'Rate limit exceeded, retry in 1 minute'
  expect(rejected.json())
    .toEqual(problem(429, 'Too many requests', detail, { traceId: 'a'.repeat(32) }))
})
