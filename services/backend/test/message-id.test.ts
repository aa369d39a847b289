import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { v7 as uuidv7 } from 'uuid'
import { nextMessageId } from '../src/store/message-id.ts'

const UUID_V7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/
const time = fc.integer({ min: 0, max: 2 ** 47 })
/** Any id, with any time and sequence. */
const anyId = fc
  .record({
    msecs: time,
    seq: fc.oneof(
      fc.integer({ min: 0, max: 2 ** 32 - 1 }),
      fc.constantFrom(0, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 2, 2 ** 32 - 1)
    ),
    random: fc.uint8Array({ minLength: 16, maxLength: 16 })
  })
  .map(options => uuidv7(options))
const millisecondsOf = (id: string) => parseInt(id.replace('-', '').slice(0, 12), 16)

test('the next id is above the newest one, for any clocks', () => {
  fc.assert(fc.property(anyId, time, (newest, now) => {
    const id = nextMessageId(newest, now)
    expect(id).toMatch(UUID_V7)
    expect(id > newest).toBe(true)
  }), { numRuns: 2000 })
})

test('it contains the time if the clock is ahead of the newest id, else the next sequence', () => {
  fc.assert(
    fc.property(anyId, time, (newest, now) => {
      const expected = Math.max(now, millisecondsOf(newest))
      expect([expected, expected + 1]).toContain(millisecondsOf(nextMessageId(newest, now)))
    })
  )
})

test('many ids in a row are in order, also if the clock stands or goes back', () => {
  let newest: string | undefined
  for (const now of [1000, 1000, 1000, 999, 1, 1000, 1001, 1001]) {
    const id = nextMessageId(newest, now)
    expect(newest === undefined || id > newest).toBe(true)
    newest = id
  }
})
