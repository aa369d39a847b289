import { setImmediate } from 'node:timers/promises'
import { expect, test } from '@jest/globals'
import type { Message } from '../src/store/message-store.ts'
import { expectProblem, get, hello, post } from './api.ts'
import { fakeMessage, fakeStore } from './fake-store.ts'
import { build, until } from './helper.ts'

/** A store whose lists wait for the test; each returns what was stored at its start. */
function slowStore () {
  const stored: Message[] = []
  const waiting: Array<{ finish: () => void, fail: (error: Error) => void }> = []
  const reads = { count: 0, waiting }
  const store = fakeStore({
    create: async ({ name, message }) => {
      const created = { ...fakeMessage(stored.length), name, message }
      stored.unshift(created)
      return { outcome: 'created', message: created }
    },
    list: async ({ limit }) => {
      reads.count++
      const seen = stored.slice(0, limit)
      return await new Promise((resolve, reject) => {
        waiting.push({
          finish: () => { resolve(seen) },
          fail: reject
        })
      })
    }
  })
  return { store, reads }
}

test('a hundred concurrent lists cost two reads', async () => {
  const { store, reads } = slowStore()
  const { app } = await build({ store })
  const lists = Array.from({ length: 100 }, async () => await get(app))
  await until('a read has begun', () => reads.waiting.length === 1)
  await until(
    'every request has arrived',
    async () => (await app.inject('/health')).statusCode === 200
  )
  reads.waiting.shift()?.finish()
  await until('the next read has begun', () => reads.waiting.length === 1)
  reads.waiting.shift()?.finish()
  const responses = await Promise.all(lists)
  expect(
    new Set(
      responses.map(({ statusCode, body, headers }) => `${statusCode} ${body} ${headers.etag}`)
    ).size
  ).toBe(1)
  expect(reads).toEqual({ count: 2, waiting: [] })
})

test('a list after an acknowledged post does not share an earlier read', async () => {
  const { store, reads } = slowStore()
  const { app } = await build({ store })
  const before = get(app)
  await until('the first read has begun', () => reads.waiting.length === 1)
  const posted = await post(app, hello)
  const after = get(app)
  reads.waiting.shift()?.finish()
  await until('the second read has begun', () => reads.waiting.length === 1)
  reads.waiting.shift()?.finish()
  expect((await before).json()).toEqual({ messages: [], nextCursor: null })
  expect((await after).json()).toEqual({ messages: [posted.json()], nextCursor: null })
})

test('a failed read rejects only the requests that share it', async () => {
  const { store, reads } = slowStore()
  const { app, service } = await build({ store })
  const first = get(app)
  await until('the first read has begun', () => reads.waiting.length === 1)
  const sharing = [get(app), get(app)]
  await setImmediate()
  reads.waiting.shift()?.fail(new Error('broken'))
  expectProblem(await first, { status: 500, kind: 'internal-error' })
  await until('the second read has begun', () => reads.waiting.length === 1)
  reads.waiting.shift()?.finish()
  for (const response of await Promise.all(sharing)) expect(response.statusCode).toBe(200)
  expect(service.lines.filter(({ msg }) => msg === 'request failed')).toHaveLength(1)
})

test.each(['?limit=19', '?limit=20&cursor='])(
  'other pages (%p) are read per request',
  async query => {
    const stored = Array.from({ length: 30 }, (_, number) => fakeMessage(30 - number))
    let reads = 0
    const { app } = await build({
      store: fakeStore({
        list: async ({ limit, before = 'x' }) => {
          reads++
          return stored.filter(({ id }) => id < before).slice(0, limit)
        }
      })
    })
    const path = query.endsWith('=')
      ? query + (await get(app, '?limit=1')).json().nextCursor
      : query
    reads = 0
    const responses = await Promise.all(Array.from({ length: 5 }, async () => await get(app, path)))
    expect(reads).toBe(5)
    expect(new Set(responses.map(({ body }) => body)).size).toBe(1)
  }
)

test('under load every post is in the next list of its author', async () => {
  const { app } = await build({ env: { RATE_LIMIT_POSTS: '10000' } })
  const missing: string[] = []
  let newest = 0
  const visitor = async (name: string) => {
    for (let number = 0; number < 25; number++) {
      const { id } = (await post(app, { name, message: `Message ${number}` })).json()
      const { messages } = (await get(app)).json()
      newest++
      if (!messages.some((message: Message) => message.id === id)) missing.push(id)
    }
  }
  // Fewer visitors than messages on a page, so that every message is still on it.
  await Promise.all(
    Array.from({ length: 15 }, async (_, number) => { await visitor(`Visitor ${number}`) })
  )
  expect({ newest, missing }).toEqual({ newest: 15 * 25, missing: [] })
})
