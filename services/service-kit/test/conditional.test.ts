import { expect, test } from '@jest/globals'
import { isUnchanged } from '../src/conditional.ts'

const etag = '"abc"'
const answer = (ifNoneMatch?: string) =>
  isUnchanged({ headers: ifNoneMatch === undefined ? {} : { 'if-none-match': ifNoneMatch } }, etag)

test('If-None-Match with the current ETag matches', () => {
  for (const header of ['"abc"', 'W/"abc"', '"old", "abc"', '"old" ,W/"abc"', '*']) {
    expect([header, answer(header)]).toEqual([header, true])
  }
})

test('a missing or different ETag does not match', () => {
  for (const header of [undefined, '', '"ab"', 'abc', '"abcd"', '"old", "older"', 'w/"abc"']) {
    expect([header, answer(header)]).toEqual([header, false])
  }
})
