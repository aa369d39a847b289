import { setImmediate } from 'node:timers/promises'
import { expect, test } from '@jest/globals'
import { buildBoth } from './helper.ts'
import { formOn, titleOn } from './html.ts'
import { stopTime } from './time.ts'
import { Visitor } from './visitor.ts'

const message = (i: number) => ({ name: 'Eager', message: `Message ${i}` })

test('of a burst of 1,000 posts, 100 are stored and 900 get advice', async () => {
  const { visitor, backend, service } = await buildBoth()
  stopTime()
  const answers: Array<{ i: number; response: Awaited<ReturnType<Visitor['sign']>> }> = []
  await visitor.get()
  const posts: Array<Promise<unknown>> = []
  for (let i = 0; i < 1000; i++) {
    posts.push(visitor.sign(message(i)).then(response => answers.push({ i, response })))
    await setImmediate() // one request per turn of the event loop, as over connections
  }
  await Promise.all(posts)

  const accepted = answers.filter(({ response }) => response.statusCode === 303)
  const rejected = answers.filter(({ response }) => response.statusCode === 429)
  expect([accepted.length, rejected.length]).toEqual([100, 900])
  expect((await backend.stored()).map(({ message }) => message).sort()).toEqual(
    accepted.map(({ i }) => message(i).message).sort()
  )
  const advice = 'Please wait a minute and send this one again. ' +
    'Go back in your browser: the form there still has your text.'
  for (const { response: { headers, body } } of rejected) {
    expect([headers['retry-after'], titleOn(body)]).toEqual(['60', 'A little slower, please'])
    expect(body).toContain(advice)
  }
  expect(service.lines.filter(({ level }) => level === 'error')).toEqual([])
})

test('a visitor over the limit can still read', async () => {
  const { visitor } = await buildBoth({ frontend: { RATE_LIMIT_POSTS: '1' } })
  expect((await visitor.sign(message(1))).statusCode).toBe(303)
  expect((await visitor.sign(message(2))).statusCode).toBe(429)
  expect((await visitor.get()).statusCode).toBe(200)
})

test('both services limit each visitor behind a trusted proxy separately', async () => {
  const limit = { RATE_LIMIT_POSTS: '3', TRUST_PROXY: 'loopback' }
  const { app, backend } = await buildBoth({ frontend: limit, backend: limit })
  for (const ip of ['198.51.100.1', '198.51.100.2', '2001:db8::1']) {
    const visitor = new Visitor(app, { headers: { 'x-forwarded-for': `1.1.1.1, ${ip}` } })
    const statuses: number[] = []
    for (let i = 0; i < 5; i++) {
      statuses.push((await visitor.sign({ name: ip, message: `${i}` })).statusCode)
    }
    expect([ip, statuses]).toEqual([ip, [303, 303, 303, 429, 429]])
  }
  expect(await backend.stored()).toHaveLength(9)
})

test.each([
  ['loopback', 303, 2],
  ['', 429, 1]
])('the backend trusts forwarded addresses only of %p', async (trusted, second, stored) => {
  const { app, backend } = await buildBoth({
    frontend: { TRUST_PROXY: 'loopback' },
    backend: { RATE_LIMIT_POSTS: '1', TRUST_PROXY: trusted }
  })
  for (const [ip, status] of [['198.51.100.1', 303], ['198.51.100.2', second]] as const) {
    const visitor = new Visitor(app, { headers: { 'x-forwarded-for': ip } })
    expect((await visitor.sign(message(1))).statusCode).toBe(status)
  }
  expect(await backend.stored()).toHaveLength(stored)
})

test('a post limited by the backend gets advice, Retry-After and the draft', async () => {
  const { visitor } = await buildBoth({ backend: { RATE_LIMIT_POSTS: '1' } })
  await visitor.sign(message(1))
  const { statusCode, headers, body } = await visitor.sign(message(2))
  expect(statusCode).toBe(429)
  expect(Number(headers['retry-after'])).toBeGreaterThan(0)
  const alert = expect.stringContaining('Please wait a minute')
  expect(formOn(body)).toMatchObject({ ...message(2), alert })
})
