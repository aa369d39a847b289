import { describe, expect, jest, test } from '@jest/globals'
import { setClock } from '@guestbook/service-kit/testing'
import { IdempotencyConflict } from '../src/store/message-store.ts'
import { hello } from './api.ts'
import { readAll, type OpenStore } from './stored.ts'

const DAY_MS = 86_400_000

/** The contract of idempotency keys; see `storeContract`. */
export function idempotencyContract (prepare: () => OpenStore): void {
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
      const texts = Array.from({ length: 50 }, (_, n) => ({ name: 'Ann', message: `${n}` }))
      const answers = await Promise.allSettled(
        texts.map(async text => await store.create(text, 'key'))
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
      expect(answers.map(({ outcome }) => outcome)).toEqual(answers.map(() => 'created'))
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
      expect(await store.create(hello, 'key')).toEqual({ ...first, outcome: 'replayed' })
      jest.setSystemTime(start + DAY_MS)
      const create = async () => await store.create({ name: 'Ben', message: 'Next day' }, 'key')
      const [second, ...more] = await Promise.all(Array.from({ length: 5 }, create))
      const outcomes = [second!, ...more].map(({ outcome }) => outcome).sort()
      expect(outcomes).toEqual(['created', 'replayed', 'replayed', 'replayed', 'replayed'])
      expect(await readAll(store)).toEqual([second!.message, first.message])
    })
  })
}
