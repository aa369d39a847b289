import { describe, expect, test } from '@jest/globals'
import { LIMITS } from '@guestbook/service-kit'
import { expectProblem, get, hello, post } from './api.ts'
import { build } from './helper.ts'

const DETAIL = 'Some values were refused; each is named under errors.'
const EMPTY = 'must not be empty'
const TOO_LONG = { name: `must be at most ${LIMITS.name} characters long`, message: `must be at most ${LIMITS.message} characters long` }
const HALF = 'contains half of a surrogate pair, which no text can hold'

/** Refused in both fields alike: what is sent (JSON, so that it can be no text at all) and the reason. */
const refused: Array<[string, string, string]> = [
  ['empty', '""', EMPTY],
  ['blank', '" \\t\\r\\n\\u00a0\\u3000\\u2028 "', EMPTY],
  ['invisible characters only', '"\\u200b\\u200d\\u2060\\ufe0f\\u00ad\\ufeff"', EMPTY],
  ['fillers that count as letters but show nothing', '"\\u3164\\u115f\\u1160\\uffa0\\u2800"', EMPTY],
  ['control characters only', '"\\u0000\\u0007\\u001b\\u007f\\u0085"', EMPTY],
  ['overrides of the direction only', '"\\u202a\\u202e\\u202c"', EMPTY],
  ['a lone high surrogate', '"a\\ud800"', HALF],
  ['a lone low surrogate', '"\\udc00a"', HALF],
  ['surrogates the wrong way round', '"a\\ude00\\ud83d"', HALF],
  ['surrogates with a control character between', '"\\ud83d\\u0000\\ude00"', HALF],
  ['a number', '42', 'must be string'],
  ['true', 'true', 'must be string'],
  ['null', 'null', 'must be string'],
  ['an array', '["Ann"]', 'must be string'],
  ['an object', '{"$ne":""}', 'must be string']
]

describe.each(['name', 'message'])('a %s of', field => {
  test.each(refused)('%s is refused with the reason, and nothing is stored', async (_kind, json, detail) => {
    const { app } = await build()
    const body = JSON.stringify({ ...hello, [field]: '-' }).replace('"-"', () => json)
    expectProblem(await post(app, body), { status: 400, kind: 'invalid-input', detail: DETAIL, errors: [{ pointer: `#/${field}`, detail }] })
    expect((await get(app)).json()).toEqual({ messages: [], nextCursor: null })
  })
})

describe.each(['name', 'message'] as const)('a %s that is one too long', field => {
  test.each([
    ['letter', 'a'],
    ['emoji', '😀'],
    ['letter with an accent that cannot be joined to it', 'x\u0301'],
    ['ideograph beyond the first plane', '𠀀']
  ])('%s is refused with the limit', async (_kind, unit) => {
    const { app } = await build()
    const perUnit = [...unit.normalize('NFC')].length
    const text = unit.repeat(LIMITS[field] / perUnit)
    expect((await post(app, { ...hello, [field]: text })).statusCode).toBe(201)
    expectProblem(await post(app, { ...hello, [field]: `${text}b` }), { status: 400, kind: 'invalid-input', detail: DETAIL, errors: [{ pointer: `#/${field}`, detail: TOO_LONG[field] }] })
    expect((await get(app)).json().messages).toHaveLength(1)
  })
})

test('everything that is wrong is named at once', async () => {
  const { app } = await build()
  expectProblem(await post(app, { name: ' ', message: 'm'.repeat(LIMITS.message + 1), colour: 'blue' }), {
    status: 400,
    kind: 'invalid-input',
    detail: DETAIL,
    errors: expect.arrayContaining([
      { pointer: '#/name', detail: EMPTY },
      { pointer: '#/message', detail: TOO_LONG.message },
      { pointer: '#/colour', detail: 'is not a field we know' }
    ]) as unknown as object[]
  })
  expectProblem(await post(app, '{"name":"\\ud800","message":"\\ud800"}'), { status: 400, kind: 'invalid-input', detail: DETAIL, errors: [{ pointer: '#/name', detail: HALF }, { pointer: '#/message', detail: HALF }] })
  expect((await get(app)).json()).toEqual({ messages: [], nextCursor: null })
})
