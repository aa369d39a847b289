import { once } from 'node:events'
import { Agent, request, type IncomingMessage } from 'node:http'
import { json } from 'node:stream/consumers'
import { expect, jest, test } from '@jest/globals'
import type { App } from '@guestbook/service-kit'
import { expectProblem, get, hello, MESSAGES, moderate, TOKEN, UNKNOWN_ID } from './api.ts'
import { build, cleanUp } from './helper.ts'

const TOO_MANY = { status: 429, kind: 'too-many-requests' } as const

/** Posts from this address, with X-Forwarded-For. */
async function postFrom (app: App, remoteAddress: string, forwarded?: string) {
  const headers = forwarded === undefined ? {} : { 'x-forwarded-for': forwarded }
  return await app.inject({ method: 'POST', url: MESSAGES, payload: hello, remoteAddress, headers })
}

/** The statuses of sequential posts from these addresses. */
async function statuses (app: App, ...clients: Array<[string, string?]>): Promise<number[]> {
  const seen: number[] = []
  for (const [remoteAddress, forwarded] of clients) {
    seen.push((await postFrom(app, remoteAddress, forwarded)).statusCode)
  }
  return seen
}

/** A post over a real connection. */
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

test('a hundred of a thousand posts are stored, the others get Retry-After', async () => {
  const { app, store } = await build()
  // With a stopped clock, no window of the limit ends on a busy computer.
  const clock = jest.spyOn(Date, 'now').mockReturnValue(Date.now())
  cleanUp(() => { clock.mockRestore() })
  const url = (await app.listen({ port: 0 })) + MESSAGES
  const agent = new Agent({ keepAlive: true, maxSockets: 50 })
  cleanUp(() => { agent.destroy() })
  const responses = await Promise.all(
    Array.from({ length: 1000 }, async () => await postOver(agent, url))
  )
  const accepted = responses.filter(({ statusCode }) => statusCode === 201)
  const rejected = responses.filter(({ statusCode }) => statusCode !== 201)
  expect([accepted.length, rejected.length]).toEqual([100, 900])
  for (const response of rejected) {
    expectProblem(response, { ...TOO_MANY, detail: 'Rate limit exceeded, retry in 1 minute' })
    expect(response.headers['retry-after']).toBe('60')
  }
  const stored = await store.list({ limit: 1000 })
  expect(stored.map(({ id }) => id).sort()).toEqual(
    accepted.map(response => response.json().id).sort()
  )
})

test('a client beyond the limit can read', async () => {
  const { app } = await build({ env: { RATE_LIMIT_POSTS: '1' } })
  expect(await statuses(app, ['127.0.0.1'], ['127.0.0.1'])).toEqual([201, 429])
  expect((await get(app)).statusCode).toBe(200)
})

test('rejected posts count too, against guessing', async () => {
  const { app } = await build({ env: { RATE_LIMIT_POSTS: '2', MODERATOR_TOKEN: TOKEN } })
  const guesses = []
  for (let guess = 0; guess < 3; guess++) {
    guesses.push(await moderate(app, 'hide', UNKNOWN_ID, `Bearer guess-${guess}`))
  }
  expect(guesses.map(({ statusCode }) => statusCode)).toEqual([401, 401, 429])
  expectProblem(guesses[2]!, TOO_MANY)
})

test('clients behind a trusted proxy are counted separately', async () => {
  const { app } = await build({
    env: { RATE_LIMIT_POSTS: '1', TRUST_PROXY: '10.0.0.0/8', TRUST_PROXY_HOPS: '2' }
  })
  expect(await statuses(app,
    ['10.1.1.1', '192.0.2.1'], ['10.1.1.1', '192.0.2.2'],
    ['10.1.1.1', '192.0.2.1'], ['10.2.2.2', '192.0.2.2'],
    ['10.1.1.1', '192.0.2.3, 10.2.2.2'], ['10.2.2.2', '192.0.2.3']
  )).toEqual([201, 201, 429, 429, 201, 429])
})

test('entries forged before those of a trusted proxy are ignored', async () => {
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

test('a header of an untrusted peer is ignored, and does not count for others', async () => {
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

test('without a trusted proxy headers are ignored, even from this computer', async () => {
  const { app } = await build({ env: { RATE_LIMIT_POSTS: '1' } })
  expect(await statuses(app, ['127.0.0.1', '192.0.2.1'], ['127.0.0.1', '192.0.2.2'])).toEqual([
    201, 429
  ])
})

test('an IPv6 client is its /64, and an IPv4 client the same if mapped', async () => {
  const { app } = await build({ env: { RATE_LIMIT_POSTS: '1' } })
  expect(await statuses(app,
    ['2001:db8:1:2::1'], ['2001:db8:1:2:ffff:ffff:ffff:ffff'], ['2001:0DB8:0001:0002::9'],
    ['2001:db8:1:3::1'], ['2001:db8::1'], ['2001:db8:0:0:1::1'],
    ['192.0.2.1'], ['::ffff:192.0.2.1'], ['::ffff:192.0.2.2']
  )).toEqual([201, 429, 429, 201, 201, 429, 201, 429, 201])
})
