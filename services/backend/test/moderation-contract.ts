import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { VersionConflict, type Message } from '../src/store/message-store.ts'
import { UNKNOWN_ID } from './api.ts'
import { fill, readAll, type OpenStore } from './stored.ts'

/** The contract of moderation; see `storeContract`. */
export function moderationContract (prepare: () => OpenStore): void {
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
}
