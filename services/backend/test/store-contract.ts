import { setImmediate } from 'node:timers/promises'
import { describe, expect, jest, test } from '@jest/globals'
import fc from 'fast-check'
import { setClock } from '@guestbook/service-kit/testing'
import { StoreUnavailable, type Message } from '../src/store/message-store.ts'
import { hello, UNKNOWN_ID } from './api.ts'
import { idempotencyContract } from './idempotency-contract.ts'
import { moderationContract } from './moderation-contract.ts'
import { fill, readAll, type OpenStore } from './stored.ts'

/** Any well-formed text, with a bias to unusual characters. */
const anyText = fc
  .array(
    fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string({ unit: 'grapheme' }),
      fc.constantFrom('👩‍👩‍👧‍👦', '\u202Eabc', 'שלום', 'e\u0301', '\\', '\r\n', '\u0000'),
      fc.constantFrom("' OR 1=1 --", '"$where"', '%s', '<b>')
    ),
    { minLength: 1, maxLength: 6 }
  )
  .map(parts => parts.join(''))

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
          const created = await store.create({ name, message: `while reading ${written.length}` })
          written.push(created.message)
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

  idempotencyContract(prepare)

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
          written.push(...await fill(store, 3))
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

  moderationContract(prepare)

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
