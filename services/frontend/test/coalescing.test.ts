import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from '@jest/globals'
import type { App } from '@guestbook/service-kit'
import { messagePath } from '../src/pages/message-path.ts'
import { build, buildBoth, startBackend } from './helper.ts'
import {
  buildWithFake, emptyPage, pageOf, startFakeBackend, STORED, type Responder
} from './fake-backend.ts'
import { messagesOn } from './html.ts'
import { Visitor } from './visitor.ts'

/** Retries requests that are shed: the test machine may be overloaded. */
async function retryShed<T extends { statusCode: number }> (send: () => Promise<T>): Promise<T> {
  for (;;) {
    const response = await send()
    if (response.statusCode !== 503) return response
    await sleep(20)
  }
}

/** Posts repeatedly and reads the page after each post. Returns the messages that were missing. */
async function postAndRead (writeTo: App, readFrom: App, who: string): Promise<string[]> {
  const visitor = new Visitor(writeTo)
  const reader = new Visitor(readFrom)
  const missing: string[] = []
  for (let i = 0; i < POSTS; i++) {
    const message = `${who} ${i}`
    const signed = await retryShed(async () => await visitor.sign({ name: who, message }))
    const { statusCode, body } = await retryShed(async () => await reader.get())
    const isShown = messagesOn(body).some(
      entry => entry.message === message && signed.headers.location === messagePath(entry.id)
    )
    if (!isShown) {
      missing.push(`${message}: signed with ${signed.statusCode}, read with ${statusCode}`)
    }
  }
  return missing
}

const POSTS = 15
const LIMIT = { RATE_LIMIT_POSTS: '10000', LOG_LEVEL: 'fatal' }
/** Fewer than the messages of a page, so that each one's newest message stays on it. */
const VISITORS = Array.from({ length: 12 }, (_, i) => `visitor ${i}`)

test('concurrent readers share one backend request at a time, and all get a response', async () => {
  let inFlight = 0
  let most = 0
  const slow: Responder = (response, request) => {
    most = Math.max(most, ++inFlight)
    void turn().then(async () => {
      for (let i = 0; i < 20; i++) await turn()
      inFlight--
      emptyPage(response, request)
    })
  }
  const backend = await startFakeBackend(slow)
  const { app } = await build({ BACKEND_URL: backend.url, LOG_LEVEL: 'fatal' })
  const statuses: number[] = []
  for (let wave = 0; wave < 20; wave++) {
    await Promise.all([
      ...Array.from({ length: 50 }, async () => {
        statuses.push((await retryShed(async () => await new Visitor(app).get())).statusCode)
      }),
      turn()
    ])
  }
  expect(statuses).toEqual(Array(1000).fill(200))
  expect(most).toBe(1)
  expect(backend.received.length).toBeLessThanOrEqual(40)
})

test('no reader gets a page that was read before the request', async () => {
  let version = 0
  const held: Array<() => void> = []
  const { backend, visitor } = await buildWithFake((response, request) => {
    const answer = pageOf([{ ...STORED, message: `version ${version}` }])
    held.push(() => answer(response, request))
  })
  const read = async () => messagesOn((await visitor.get()).body)[0]?.message

  let next = backend.request()
  const early = read()
  await next // the read of version 0 has begun
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

test('under load, all visitors find their message on the next page', async () => {
  const { app } = await buildBoth({ frontend: LIMIT, backend: LIMIT })
  const load = { isOver: false }
  const readers = Array.from({ length: 20 }, async () => {
    while (!load.isOver) await retryShed(async () => await new Visitor(app).get())
  })
  const missing = await Promise.all(VISITORS.map(async who => await postAndRead(app, app, who)))
  load.isOver = true
  await Promise.all(readers)
  expect(missing.flat()).toEqual([])
})

test('visitors find their message at a second frontend, too', async () => {
  const backend = await startBackend(LIMIT)
  const [one, other] = [
    await build({ BACKEND_URL: backend.url, ...LIMIT }),
    await build({ BACKEND_URL: backend.url, ...LIMIT })
  ]
  const missing = await Promise.all(VISITORS.map(async (who, i) =>
    await (i % 2 ? postAndRead(one.app, other.app, who) : postAndRead(other.app, one.app, who))
  ))
  expect(missing.flat()).toEqual([])
  expect(await backend.stored()).toHaveLength(VISITORS.length * POSTS)
})
