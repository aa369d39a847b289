import { once } from 'node:events'
import { Agent, request, type IncomingMessage } from 'node:http'
import { json } from 'node:stream/consumers'
import { expect, jest, test } from '@jest/globals'
import type { App } from '@guestbook/service-kit'
import { expectProblem, get, hello, MESSAGES, moderate, TOKEN, UNKNOWN_ID } from './api.ts'
import { build, cleanUp } from './helper.ts'

const TOO_MANY = { status: 429, kind: 'too-many-requests' } as const

/** Posts as a client at this address, by way of proxies that say so in the header. */
async function postFrom (app: App, remoteAddress: string, forwarded?: string) {
  const headers = forwarded === undefined ? {} : { 'x-forwarded-for': forwarded }
  return await app.inject({ method: 'POST', url: MESSAGES, payload: hello, remoteAddress, headers })
}

/** The statuses of one post after the other from these addresses. */
async function statuses (app: App, ...clients: Array<[string, string?]>): Promise<number[]> {
  const seen: number[] = []
  for (const [remoteAddress, forwarded] of clients) {
    seen.push((await postFrom(app, remoteAddress, forwarded)).statusCode)
  }
  return seen
}

/** A post over a real connection, as a burst comes. */
async function postOver (agent: Agent, url: string) {
  const posted = request(url, {
    agent,
    method: 'POST',
    headers: { 'content-type': 'application/json' }
  }).end(JSON.stringify(hello))
  const [response] = await once(posted, 'response') as [IncomingMessage]
  const body = await json(response) as { id: string }
  return { statusCode: response.statusCode!, headers: response.headers, json: () => body }
}

test('of a thousand posts in a burst from one client a hundred are accepted and stored, the others told when to come again', async () => {
  const { app, store } = await build()
  // The clock stands still: no window of the limit ends, however busy the computer is.
  const clock = jest.spyOn(Date, 'now').mockReturnValue(Date.now())
  cleanUp(() => {
    clock.mockRestore()
  })
  const url = (await app.listen({ port: 0 })) + MESSAGES
  const agent = new Agent({ keepAlive: true, maxSockets: 50 })
  cleanUp(() => {
    agent.destroy()
  })
  const responses = await Promise.all(
    Array.from({ length: 1000 }, async () => await postOver(agent, url))
  )
  const accepted = responses.filter(({ statusCode }) => statusCode === 201)
  const refused = responses.filter(({ statusCode }) => statusCode !== 201)
  expect([accepted.length, refused.length]).toEqual([100, 900])
  for (const response of refused) {
    expectProblem(response, { ...TOO_MANY, detail: 'Rate limit exceeded, retry in 1 minute' })
    expect(response.headers['retry-after']).toBe('60')
  }
  const stored = await store.list({ limit: 1000 })
  expect(stored.map(({ id }) => id).sort()).toEqual(
    accepted.map(response => response.json().id).sort()
  )
})

test('reading goes on for a client that may not post for now', async () => {
  const { app } = await build({ env: { RATE_LIMIT_POSTS: '1' } })
  expect(await statuses(app, ['127.0.0.1'], ['127.0.0.1'])).toEqual([201, 429])
  expect((await get(app)).statusCode).toBe(200)
})

test('posts that are refused count too, so that guessing costs', async () => {
  const { app } = await build({ env: { RATE_LIMIT_POSTS: '2', MODERATOR_TOKEN: TOKEN } })
  const guesses = []
  for (let guess = 0; guess < 3; guess++) {
    guesses.push(await moderate(app, 'hide', UNKNOWN_ID, `Bearer guess-${guess}`))
  }
  expect(guesses.map(({ statusCode }) => statusCode)).toEqual([401, 401, 429])
  expectProblem(guesses[2]!, TOO_MANY)
})

test('two clients behind a trusted proxy are counted apart', async () => {
  const { app } = await build({
    env: { RATE_LIMIT_POSTS: '1', TRUST_PROXY: '10.0.0.0/8', TRUST_PROXY_HOPS: '2' }
  })
  expect(await statuses(app,
    ['10.1.1.1', '192.0.2.1'], ['10.1.1.1', '192.0.2.2'],
    ['10.1.1.1', '192.0.2.1'], ['10.2.2.2', '192.0.2.2'],
    ['10.1.1.1', '192.0.2.3, 10.2.2.2'], ['10.2.2.2', '192.0.2.3']
  )).toEqual([201, 201, 429, 429, 201, 429])
})

test('what a client itself puts before the header of a trusted proxy does not help', async () => {
  const { app } = await build({ env: { RATE_LIMIT_POSTS: '1', TRUST_PROXY: '10.0.0.0/8' } })
  expect(
    await statuses(
      app,
      ['10.1.1.1', '192.0.2.1'],
      ['10.1.1.1', '198.51.100.9, 192.0.2.1'],
      ['10.1.1.1', '10.9.9.9, 192.0.2.1']
    )
  ).toEqual([201, 429, 429])
})

test('a header from a peer that is not trusted does not help, and does not make others pay', async () => {
  const { app } = await build({ env: { RATE_LIMIT_POSTS: '1', TRUST_PROXY: '10.0.0.0/8' } })
  expect(
    await statuses(
      app,
      ['192.0.2.1', '198.51.100.1'],
      ['192.0.2.1', '198.51.100.2'],
      ['198.51.100.1']
    )
  ).toEqual([201, 429, 201])
})

test('without a trusted proxy no header is believed, not even from the same machine', async () => {
  const { app } = await build({ env: { RATE_LIMIT_POSTS: '1' } })
  expect(await statuses(app, ['127.0.0.1', '192.0.2.1'], ['127.0.0.1', '192.0.2.2'])).toEqual([
    201, 429
  ])
})

test('an IPv6 client is its /64, and an IPv4 client the same in its IPv6 form', async () => {
  const { app } = await build({ env: { RATE_LIMIT_POSTS: '1' } })
  expect(await statuses(app,
    ['2001:db8:1:2::1'], ['2001:db8:1:2:ffff:ffff:ffff:ffff'], ['2001:0DB8:0001:0002::9'],
    ['2001:db8:1:3::1'], ['2001:db8::1'], ['2001:db8:0:0:1::1'],
    ['192.0.2.1'], ['::ffff:192.0.2.1'], ['::ffff:192.0.2.2']
  )).toEqual([201, 429, 429, 201, 201, 429, 201, 429, 201])
})
