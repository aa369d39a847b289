import { setImmediate } from 'node:timers/promises'
import { describe, expect, jest, test } from '@jest/globals'
import fc from 'fast-check'
import { IDEMPOTENCY_TTL_MS, IdempotencyConflict, StoreUnavailable, type Message, type MessageStore } from '../src/store/message-store.ts'
import { cleanUp } from './helper.ts'
import { fill, readAll } from './stored.ts'

/** Opens a usable store on the same data each time it is called. */
export type OpenStore = () => Promise<MessageStore>

const hello = { name: 'Ann', message: 'Hello' }
const UNKNOWN_ID = '0198c0de-0000-7000-8000-000000000000'

/** Any text that is well-formed, and more often than chance would have it the kinds that break things. */
const anyText = fc.array(fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: 'grapheme' }),
  fc.constantFrom('👩‍👩‍👧‍👦', '\u202Eabc', 'שלום', "' OR 1=1 --", '"$where"', '\\', '\r\n', '\u0000', 'e\u0301', '%s', '<b>')
), { minLength: 1, maxLength: 6 }).map(parts => parts.join(''))

/** Puts the clock where a test needs it; timers stay real, since the drivers live on them. */
function setClock (now: number): void {
  jest.useFakeTimers({
    now,
    doNotFake: ['hrtime', 'nextTick', 'performance', 'queueMicrotask', 'setImmediate', 'clearImmediate', 'setInterval', 'clearInterval', 'setTimeout', 'clearTimeout']
  })
  cleanUp(() => jest.useRealTimers())
}

/** What both adapters promise. `prepare` makes an empty place for messages, once a test. */
export function storeContract (prepare: () => OpenStore): void {
  describe('reading', () => {
    test('a created message is returned as it was stored and found by its id', async () => {
      const store = await prepare()()
      const before = Date.now()
      const { outcome, message } = await store.create(hello)
      expect(outcome).toBe('created')
      expect(message).toEqual({ ...hello, id: expect.stringMatching(/^[0-9a-f-]{36}$/), createdAt: expect.any(Date), hidden: false })
      expect(message.createdAt.getTime()).toBeGreaterThanOrEqual(before)
      expect(message.createdAt.getTime()).toBeLessThanOrEqual(Date.now())
      expect(await store.get(message.id)).toEqual(message)
    })

    test('a list begins with the newest message and holds no more than was asked for', async () => {
      const store = await prepare()()
      const newestFirst = (await fill(store, 5)).reverse()
      expect(await store.list({ limit: 3 })).toEqual(newestFirst.slice(0, 3))
      expect(await store.list({ limit: 3, before: newestFirst[2]!.id })).toEqual(newestFirst.slice(3))
    })

    test('an id that nobody was given finds nothing', async () => {
      const store = await prepare()()
      expect(await store.get(UNKNOWN_ID)).toBeNull()
    })

    test('pages hold every message exactly once while two writers go on posting', async () => {
      const store = await prepare()()
      const existing = await fill(store, 50)
      const stop = new AbortController()
      const writer = async (name: string) => {
        const written: Message[] = []
        while (!stop.signal.aborted) {
          written.push((await store.create({ name, message: `while reading ${written.length}` })).message)
          await setImmediate()
        }
        return written
      }
      const writers = [writer('Ben'), writer('Cem')]
      const walks: Message[][] = []
      for (let walk = 0; walk < 5; walk++) walks.push(await readAll(store, 7))
      stop.abort()
      const written = (await Promise.all(writers)).flat()

      expect(written.length).toBeGreaterThan(0)
      for (const walk of walks) {
        const ids = walk.map(({ id }) => id)
        expect(ids).toEqual([...new Set(ids)].sort().reverse())
        expect(existing.filter(({ id }) => !ids.includes(id))).toEqual([])
      }
      const all = [...existing, ...written].sort((a, b) => a.id < b.id ? 1 : -1)
      expect(await readAll(store, 7)).toEqual(all)
    })
  })

  describe('idempotency keys', () => {
    test('fifty posts at once with one key make one message, and forty-nine are told so', async () => {
      const store = await prepare()()
      const answers = await Promise.all(Array.from({ length: 50 }, async () => await store.create(hello, 'key')))
      expect(answers.filter(({ outcome }) => outcome === 'created')).toHaveLength(1)
      expect(answers.filter(({ outcome }) => outcome === 'replayed')).toHaveLength(49)
      expect(await readAll(store)).toEqual([answers[0]!.message])
      for (const { message } of answers) expect(message).toEqual(answers[0]!.message)
    })

    test('fifty posts at once with fifty texts and one key make one message, and forty-nine are conflicts', async () => {
      const store = await prepare()()
      const answers = await Promise.allSettled(Array.from({ length: 50 }, async (_, number) => await store.create({ name: 'Ann', message: `${number}` }, 'key')))
      const created = answers.filter(answer => answer.status === 'fulfilled').map(({ value }) => value)
      expect(created).toEqual([{ outcome: 'created', message: expect.anything() }])
      for (const answer of answers.filter(answer => answer.status === 'rejected')) expect(answer.reason).toBeInstanceOf(IdempotencyConflict)
      expect(await readAll(store)).toEqual([created[0]!.message])
    })

    test.each([
      ['message', { ...hello, message: 'Hello!' }],
      ['name', { ...hello, name: 'Anna' }]
    ])('a key that stands for another %s is a conflict, and nothing is stored', async (_field, other) => {
      const store = await prepare()()
      const { message } = await store.create(hello, 'key')
      await expect(store.create(other, 'key')).rejects.toBeInstanceOf(IdempotencyConflict)
      expect(await readAll(store)).toEqual([message])
    })

    test('the same text without a key or with another key is another message', async () => {
      const store = await prepare()()
      const answers = [await store.create(hello), await store.create(hello), await store.create(hello, 'one'), await store.create(hello, 'two')]
      expect(answers.map(({ outcome }) => outcome)).toEqual(['created', 'created', 'created', 'created'])
      expect(await readAll(store)).toEqual(answers.map(({ message }) => message).reverse())
    })

    test('a message hidden since is replayed and stays hidden', async () => {
      const store = await prepare()()
      const { message } = await store.create(hello, 'key')
      await store.setHidden(message.id, true)
      expect(await store.create(hello, 'key')).toEqual({ outcome: 'replayed', message: { ...message, hidden: true } })
      expect(await readAll(store)).toEqual([])
    })

    test('a key stands for its message 24 hours, then it may be used for another, and both stay', async () => {
      const store = await prepare()()
      const start = Date.now()
      setClock(start)
      const first = await store.create(hello, 'key')
      jest.setSystemTime(start + IDEMPOTENCY_TTL_MS - 1)
      expect(await store.create(hello, 'key')).toEqual({ outcome: 'replayed', message: first.message })
      jest.setSystemTime(start + IDEMPOTENCY_TTL_MS)
      const [second, ...more] = await Promise.all(Array.from({ length: 5 }, async () => await store.create({ name: 'Ben', message: 'Next day' }, 'key')))
      const outcomes = [second!, ...more].map(({ outcome }) => outcome).sort()
      expect(outcomes).toEqual(['created', 'replayed', 'replayed', 'replayed', 'replayed'])
      expect(await readAll(store)).toEqual([second!.message, first.message])
    })
  })

  test('every well-formed text comes back as it was given', async () => {
    const store = await prepare()()
    let count = 0
    await fc.assert(fc.asyncProperty(anyText, anyText, fc.option(anyText), async (name, message, key) => {
      const created = await store.create({ name, message }, key === null ? undefined : `${count++} ${key}`)
      expect(await store.get(created.message.id)).toEqual({ ...created.message, name, message })
      expect(await store.list({ limit: 1 })).toEqual([created.message])
    }), { numRuns: 200 })
  })

  describe('moderation', () => {
    test('a hidden message is in no list but still found by its id, until it is restored', async () => {
      const store = await prepare()()
      const [oldest, middle, newest] = await fill(store, 3) as [Message, Message, Message]
      const hidden = { ...middle, hidden: true }
      expect(await store.setHidden(middle.id, true)).toEqual(hidden)
      expect(await store.setHidden(middle.id, true)).toEqual(hidden)
      expect(await store.get(middle.id)).toEqual(hidden)
      expect(await store.list({ limit: 2 })).toEqual([newest, oldest])
      expect(await store.setHidden(middle.id, false)).toEqual(middle)
      expect(await readAll(store)).toEqual([newest, middle, oldest])
    })

    test('hiding a message that does not exist says so', async () => {
      const store = await prepare()()
      expect(await store.setHidden(UNKNOWN_ID, true)).toBeNull()
    })
  })

  describe('closing', () => {
    test('messages, their order, their keys and what is hidden outlast the process', async () => {
      const open = prepare()
      const store = await open()
      await store.create(hello, 'key')
      const [, second] = await fill(store, 3)
      await store.setHidden(second!.id, true)
      const all = await readAll(store)
      await store.close()

      const reopened = await open()
      expect(await readAll(reopened)).toEqual(all)
      expect(await reopened.get(second!.id)).toEqual({ ...second, hidden: true })
      expect(await reopened.create(hello, 'key')).toEqual({ outcome: 'replayed', message: all.at(-1) })
    })

    test('a closed store refuses everything, and closing it again does no harm', async () => {
      const store = await prepare()()
      const { message } = await store.create(hello)
      await store.close()
      await store.close()
      const refused = await Promise.allSettled([
        store.create(hello), store.create(hello, 'key'), store.list({ limit: 1 }), store.get(message.id), store.setHidden(message.id, true), store.ping()
      ])
      expect(refused).toEqual(refused.map(() => ({ status: 'rejected', reason: expect.any(StoreUnavailable) })))
    })
  })
}
