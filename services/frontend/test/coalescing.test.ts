import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from '@jest/globals'
import type { App } from '@guestbook/service-kit'
import { messagePath } from '../src/pages/message-path.ts'
import { build, buildBoth, startBackend } from './helper.ts'
import { startFakeBackend, type Answer } from './fake-backend.ts'
import { messagesOn } from './html.ts'
import { Visitor } from './visitor.ts'

/** A computer that is busy with other things makes a service turn requests away; like a visitor's, they are sent again. */
async function patiently<T extends { statusCode: number }> (send: () => Promise<T>): Promise<T> {
  for (;;) {
    const response = await send()
    if (response.statusCode !== 503) return response
    await sleep(20)
  }
}

/** A visitor who writes again and again, and must find each message on the very next page. Returns what was not found. */
async function writeAndLook (
  writeTo: App,
  readFrom: App,
  who: string,
  times: number
): Promise<string[]> {
  const visitor = new Visitor(writeTo)
  const reader = new Visitor(readFrom)
  const missing: string[] = []
  for (let i = 0; i < times; i++) {
    const message = `${who} ${i}`
    const signed = await patiently(async () => await visitor.sign({ name: who, message }))
    const { statusCode, body } = await patiently(async () => await reader.get())
    const isShown = messagesOn(body).some(
      entry => entry.message === message && signed.headers.location === messagePath(entry.id)
    )
    if (!isShown) {
      missing.push(`${message}: signed with ${signed.statusCode}, read with ${statusCode}`)
    }
  }
  return missing
}

const LIMIT = { RATE_LIMIT_POSTS: '10000', LOG_LEVEL: 'fatal' }
const VISITORS = Array.from({ length: 12 }, (_, i) => `visitor ${i}`) // fewer than a page holds, so that nobody is pushed off it

test('however many read, one request for the newest page is under way at most, and each gets an answer', async () => {
  let inFlight = 0
  let most = 0
  const slow: Answer = response => {
    most = Math.max(most, ++inFlight)
    void turn().then(async () => {
      for (let i = 0; i < 20; i++) await turn()
      inFlight--
      response
        .writeHead(200, { 'content-type': 'application/json' })
        .end('{"messages":[],"nextCursor":null}')
    })
  }
  const backend = await startFakeBackend(slow)
  const { app } = await build({ BACKEND_URL: backend.url, LOG_LEVEL: 'fatal' })
  const statuses: number[] = []
  for (let wave = 0; wave < 20; wave++) {
    await Promise.all([
      ...Array.from({ length: 50 }, async () => {
        statuses.push((await patiently(async () => await new Visitor(app).get())).statusCode)
      }),
      turn()
    ])
  }
  expect(statuses).toEqual(Array(1000).fill(200))
  expect(most).toBe(1)
  expect(backend.received.length).toBeLessThanOrEqual(40)
})

test('a reader never gets an answer whose read began before the question', async () => {
  let version = 0
  const held: Array<() => void> = []
  const backend = await startFakeBackend(response => {
    const message = {
      id: `${version}`,
      name: 'x',
      message: `version ${version}`,
      createdAt: '2026-01-01T12:00:00.000Z'
    }
    held.push(() =>
      response
        .writeHead(200, { 'content-type': 'application/json' })
        .end(JSON.stringify({ messages: [message], nextCursor: null }))
    )
  })
  const { app } = await build({ BACKEND_URL: backend.url })
  const read = async () => messagesOn((await new Visitor(app).get()).body)[0]?.message

  let next = backend.request()
  const early = read()
  await next // its read has begun, with version 0
  version = 1
  const late = [read(), read()]
  next = backend.request()
  held[0]?.()
  expect(await early).toBe('version 0')
  await next
  held[1]?.()
  expect(await Promise.all(late)).toEqual(['version 1', 'version 1'])
  expect(backend.received).toHaveLength(2)
})

test('under load every visitor finds the own message on the very next page', async () => {
  const { app } = await buildBoth({ frontend: LIMIT, backend: LIMIT })
  const load = { isOver: false }
  const readers = Array.from({ length: 20 }, async () => {
    while (!load.isOver) await patiently(async () => await new Visitor(app).get())
  })
  const missing = await Promise.all(
    VISITORS.map(async who => await writeAndLook(app, app, who, 15))
  )
  load.isOver = true
  await Promise.all(readers)
  expect(missing.flat()).toEqual([])
})

test('so they do when they write at one of two frontends and read at the other', async () => {
  const backend = await startBackend({ env: LIMIT })
  const [one, other] = [
    await build({ BACKEND_URL: backend.url, ...LIMIT }),
    await build({ BACKEND_URL: backend.url, ...LIMIT })
  ]
  const missing = await Promise.all(
    VISITORS.map(
      async (who, i) =>
        await (i % 2
          ? writeAndLook(one.app, other.app, who, 15)
          : writeAndLook(other.app, one.app, who, 15))
    )
  )
  expect(missing.flat()).toEqual([])
  expect(await backend.stored()).toHaveLength(VISITORS.length * 15)
})
