import { setImmediate } from 'node:timers/promises'
import { describe, expect, jest, test } from '@jest/globals'
import fc from 'fast-check'
import {
  IdempotencyConflict, StoreUnavailable, VersionConflict, type Message, type MessageStore
} from '../src/store/message-store.ts'
import { cleanUp } from './helper.ts'
import { fill, readAll } from './stored.ts'

/** Each call opens a store on the same data. */
export type OpenStore = () => Promise<MessageStore>

const hello = { name: 'Ann', message: 'Hello' }
const UNKNOWN_ID = '0198c0de-0000-7000-8000-000000000000'
const DAY_MS = 86_400_000

/** Any well-formed text, with a bias to unusual characters. */
const anyText = fc
  .array(
    fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string({ unit: 'grapheme' }),
      fc.constantFrom(
        '👩‍👩‍👧‍👦',
        '\u202Eabc',
        'שלום',
        "' OR 1=1 --",
        '"$where"',
        '\\',
        '\r\n',
        '\u0000',
        'e\u0301',
        '%s',
        '<b>'
      )
    ),
    { minLength: 1, maxLength: 6 }
  )
  .map(parts => parts.join(''))

/** Sets the clock. Timers stay real, since the drivers need them. */
function setClock (now: number): void {
  jest.useFakeTimers({
    now,
    doNotFake: [
      'hrtime', 'nextTick', 'performance', 'queueMicrotask', 'setImmediate', 'clearImmediate',
      'setInterval', 'clearInterval', 'setTimeout', 'clearTimeout'
    ]
  })
  cleanUp(() => jest.useRealTimers())
}

/** The contract of both stores. `prepare` creates an empty store for each test. */
export function storeContract (prepare: () => OpenStore): void {
  describe('reading', () => {
    test('a created message is returned as stored and found by its id', async () => {
      const store = await prepare()()
      const before = Date.now()
      const { outcome, message } = await store.create(hello)
      expect(outcome).toBe('created')
      expect(message).toEqual({
        ...hello,
        id: expect.stringMatching(/^[0-9a-f-]{36}$/),
        createdAt: expect.any(Date),
        hidden: false,
        version: 0
      })
      expect(message.createdAt.getTime()).toBeGreaterThanOrEqual(before)
      expect(message.createdAt.getTime()).toBeLessThanOrEqual(Date.now())
      expect(await store.get(message.id)).toEqual(message)
    })

    test('a list starts with the newest message and respects the limit', async () => {
      const store = await prepare()()
      const newestFirst = (await fill(store, 5)).reverse()
      expect(await store.list({ limit: 3 })).toEqual(newestFirst.slice(0, 3))
      expect(await store.list({ limit: 3, before: newestFirst[2]!.id })).toEqual(
        newestFirst.slice(3)
      )
    })

    test('an unknown id finds nothing', async () => {
      const store = await prepare()()
      expect(await store.get(UNKNOWN_ID)).toBeNull()
    })

    test('pages have every message exactly once while two writers post', async () => {
      const store = await prepare()()
      const existing = await fill(store, 50)
      const stop = new AbortController()
      const writer = async (name: string) => {
        const written: Message[] = []
        while (!stop.signal.aborted) {
          written.push(
            (await store.create({ name, message: `while reading ${written.length}` })).message
          )
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
    test('fifty concurrent posts with one key are one message and 49 replays', async () => {
      const store = await prepare()()
      const answers = await Promise.all(
        Array.from({ length: 50 }, async () => await store.create(hello, 'key'))
      )
      expect(answers.filter(({ outcome }) => outcome === 'created')).toHaveLength(1)
      expect(answers.filter(({ outcome }) => outcome === 'replayed')).toHaveLength(49)
      expect(await readAll(store)).toEqual([answers[0]!.message])
      for (const { message } of answers) expect(message).toEqual(answers[0]!.message)
    })

    test('fifty concurrent texts with one key are one message and 49 conflicts', async () => {
      const store = await prepare()()
      const answers = await Promise.allSettled(
        Array.from(
          { length: 50 },
          async (_, number) => await store.create({ name: 'Ann', message: `${number}` }, 'key')
        )
      )
      const created = answers
        .filter(answer => answer.status === 'fulfilled')
        .map(({ value }) => value)
      expect(created).toEqual([{ outcome: 'created', message: expect.anything() }])
      for (const answer of answers.filter(answer => answer.status === 'rejected')) {
        expect(answer.reason).toBeInstanceOf(IdempotencyConflict)
      }
      expect(await readAll(store)).toEqual([created[0]!.message])
    })

    test.each([['message', { ...hello, message: 'Hello!' }], ['name', { ...hello, name: 'Anna' }]])(
      'a key of another %s is a conflict, and nothing is stored',
      async (_field, other) => {
        const store = await prepare()()
        const { message } = await store.create(hello, 'key')
        await expect(store.create(other, 'key')).rejects.toBeInstanceOf(IdempotencyConflict)
        expect(await readAll(store)).toEqual([message])
      }
    )

    test('the same text without a key or with another key is another message', async () => {
      const store = await prepare()()
      const answers = [
        await store.create(hello),
        await store.create(hello),
        await store.create(hello, 'one'),
        await store.create(hello, 'two')
      ]
      expect(answers.map(({ outcome }) => outcome)).toEqual([
        'created', 'created', 'created', 'created'
      ])
      expect(await readAll(store)).toEqual(answers.map(({ message }) => message).reverse())
    })

    test('a message that was hidden is replayed and stays hidden', async () => {
      const store = await prepare()()
      const { message } = await store.create(hello, 'key')
      await store.setHidden(message.id, true)
      expect(await store.create(hello, 'key')).toEqual({
        outcome: 'replayed',
        message: { ...message, hidden: true, version: 1 }
      })
      expect(await readAll(store)).toEqual([])
    })

    test('a key is valid for 24 hours, then it can be used for another message', async () => {
      const store = await prepare()()
      const start = Date.now()
      setClock(start)
      const first = await store.create(hello, 'key')
      jest.setSystemTime(start + DAY_MS - 1)
      expect(await store.create(hello, 'key')).toEqual({
        outcome: 'replayed',
        message: first.message
      })
      jest.setSystemTime(start + DAY_MS)
      const [second, ...more] = await Promise.all(
        Array.from(
          { length: 5 },
          async () => await store.create({ name: 'Ben', message: 'Next day' }, 'key')
        )
      )
      const outcomes = [second!, ...more].map(({ outcome }) => outcome).sort()
      expect(outcomes).toEqual(['created', 'replayed', 'replayed', 'replayed', 'replayed'])
      expect(await readAll(store)).toEqual([second!.message, first.message])
    })
  })

  describe('the order', () => {
    test.each([['ahead', 20_000], ['behind', -20_000], ['a day ahead', 86_400_000]])(
      'a message sorts above all earlier ones if the clock of its writer is %s',
      async (_where, skewMs) => {
        const open = prepare()
        const store = await open()
        const start = Date.now()
        const written: Message[] = []
        for (const skewed of [false, true, false, true, true, false]) {
          setClock(start + (skewed ? skewMs : 0))
          for (let count = 0; count < 3; count++) {
            written.push(
              (await store.create({ name: 'Ann', message: `${written.length}` })).message
            )
          }
          if (skewed) await store.setHidden(written.at(-1)!.id, true) // includes hidden messages
        }
        const visible = []
        for (const { id } of written) visible.push(await store.get(id))
        const newestFirst = visible.filter(message => !message!.hidden).reverse()
        expect(await readAll(store)).toEqual(newestFirst)
        expect(written.map(({ id }) => id)).toEqual(written.map(({ id }) => id).sort())
      }
    )
  })

  describe('retention', () => {
    test('keys of messages created before a time are removed, others stay valid', async () => {
      const store = await prepare()()
      const start = Date.now()
      setClock(start)
      const old = (await store.create(hello, 'old')).message
      jest.setSystemTime(start + 1000)
      const recent = (await store.create(hello, 'recent')).message
      expect(await store.forgetKeys(new Date(start))).toBe(0)
      expect(await store.forgetKeys(new Date(start + 1000))).toBe(1)
      expect(await store.forgetKeys(new Date(start + 1000))).toBe(0)
      expect(await store.create(hello, 'recent')).toEqual({ outcome: 'replayed', message: recent })
      const again = await store.create(hello, 'old')
      expect(again.outcome).toBe('created')
      expect(await readAll(store)).toEqual([again.message, recent, old])
    })
  })

  test('every well-formed text is returned unchanged', async () => {
    const store = await prepare()()
    let count = 0
    await fc.assert(
      fc.asyncProperty(anyText, anyText, fc.option(anyText), async (name, message, key) => {
        const created = await store.create(
          { name, message },
          key === null ? undefined : `${count++} ${key}`
        )
        expect(await store.get(created.message.id)).toEqual({ ...created.message, name, message })
        expect(await store.list({ limit: 1 })).toEqual([created.message])
      }),
      { numRuns: 200 }
    )
  })

  describe('moderation', () => {
    test('a hidden message is found by its id but not listed, until it is restored', async () => {
      const store = await prepare()()
      const [oldest, middle, newest] = (await fill(store, 3)) as [Message, Message, Message]
      const hidden = { ...middle, hidden: true }
      expect(await store.setHidden(middle.id, true)).toEqual({ ...hidden, version: 1 })
      expect(await store.setHidden(middle.id, true)).toEqual({ ...hidden, version: 2 })
      expect(await store.get(middle.id)).toEqual({ ...hidden, version: 2 })
      expect(await store.list({ limit: 2 })).toEqual([newest, oldest])
      const restored = { ...middle, version: 3 }
      expect(await store.setHidden(middle.id, false)).toEqual(restored)
      expect(await readAll(store)).toEqual([newest, restored, oldest])
    })

    test('every message is in one list, of visible or of hidden messages, in order', async () => {
      const store = await prepare()()
      const choices = fc.array(fc.boolean(), { minLength: 1, maxLength: 12 })
      const expected: { [hidden: string]: Message[] } = { true: [], false: [] }
      await fc.assert(
        fc.asyncProperty(choices, fc.integer({ min: 1, max: 5 }), async (hide, limit) => {
          for (const [index, created] of (await fill(store, hide.length)).entries()) {
            const message = hide[index] ? await store.setHidden(created.id, true) : created
            expected[String(hide[index])]!.unshift(message!)
          }
          for (const hidden of [true, false]) {
            expect(await readAll(store, limit, hidden)).toEqual(expected[String(hidden)])
          }
        }),
        { numRuns: 10 }
      )
    })

    test('an action on another version changes nothing and reports the current one', async () => {
      const store = await prepare()()
      const [message] = (await fill(store, 1)) as [Message]
      expect(await store.setHidden(message.id, true, 0)).toMatchObject({ hidden: true, version: 1 })
      for (const version of [0, 2]) {
        const rejection = await store.setHidden(message.id, false, version).catch(error => error)
        expect(rejection).toBeInstanceOf(VersionConflict)
        expect(rejection.version).toBe(1)
      }
      expect(await store.get(message.id)).toMatchObject({ hidden: true, version: 1 })
      expect(await store.setHidden(UNKNOWN_ID, true, 0)).toBeNull()
    })

    test('concurrent actions have distinct versions, and the last one wins', async () => {
      const store = await prepare()()
      const [message] = (await fill(store, 1)) as [Message]
      const actions = Array.from({ length: 8 }, (_, number) => number % 2 === 0)
      const results = await Promise.all(
        actions.map(async hidden => await store.setHidden(message.id, hidden))
      )
      expect(results.map(result => result!.version).sort()).toEqual(
        actions.map((_, index) => index + 1)
      )
      expect(results.map(result => result!.hidden)).toEqual(actions)
      expect(await store.get(message.id)).toEqual(
        results.find(result => result!.version === actions.length)
      )
    })

    test('hiding an unknown message returns null', async () => {
      const store = await prepare()()
      expect(await store.setHidden(UNKNOWN_ID, true)).toBeNull()
    })
  })

  describe('closing', () => {
    test('messages, their order, keys and moderation survive the process', async () => {
      const open = prepare()
      const store = await open()
      await store.create(hello, 'key')
      const [, second] = await fill(store, 3)
      await store.setHidden(second!.id, true)
      const all = await readAll(store)
      await store.close()

      const reopened = await open()
      expect(await readAll(reopened)).toEqual(all)
      expect(await reopened.get(second!.id)).toEqual({ ...second, hidden: true, version: 1 })
      expect(await reopened.create(hello, 'key')).toEqual({
        outcome: 'replayed',
        message: all.at(-1)
      })
    })

    test('a closed store rejects every call, and can be closed again', async () => {
      const store = await prepare()()
      const { message } = await store.create(hello)
      await store.close()
      await store.close()
      const outcomes = await Promise.allSettled([
        store.create(hello),
        store.create(hello, 'key'),
        store.list({ limit: 1 }),
        store.get(message.id),
        store.setHidden(message.id, true),
        store.forgetKeys(new Date()),
        store.ping()
      ])
      expect(outcomes).toEqual(
        outcomes.map(() => ({ status: 'rejected', reason: expect.any(StoreUnavailable) }))
      )
    })
  })
}
