import { describe, expect, test } from '@jest/globals'
import { expectProblem, get, hello, invalid, post } from './api.ts'
import { build } from './helper.ts'

const LIMITS = { name: 80, message: 1000 }
const EMPTY = 'must not be empty'
const TOO_LONG = {
  name: `must be at most ${LIMITS.name} characters long`,
  message: `must be at most ${LIMITS.message} characters long`
}
const HALF = 'contains half of a surrogate pair, which no text can hold'

/** Rejected in both fields: the value (JSON, so that it can be of any type) and the reason. */
const rejected: Array<[string, string, string]> = [
  ['empty', '""', EMPTY],
  ['blank', '" \\t\\r\\n\\u00a0\\u3000\\u2028 "', EMPTY],
  ['invisible characters only', '"\\u200b\\u200d\\u2060\\ufe0f\\u00ad\\ufeff"', EMPTY],
  ['invisible letters', '"\\u3164\\u115f\\u1160\\uffa0\\u2800"', EMPTY],
  ['control characters only', '"\\u0000\\u0007\\u001b\\u007f\\u0085"', EMPTY],
  ['direction overrides only', '"\\u202a\\u202e\\u202c"', EMPTY],
  ['a lone high surrogate', '"a\\ud800"', HALF],
  ['a lone low surrogate', '"\\udc00a"', HALF],
  ['surrogates in reverse order', '"a\\ude00\\ud83d"', HALF],
  ['surrogates with a control character between', '"\\ud83d\\u0000\\ude00"', HALF],
  [
    '31 combining marks',
    JSON.stringify(`a${'\u0316'.repeat(31)}`),
    'must have at most 30 combining marks in a row'
  ],
  [
    'many combining marks',
    JSON.stringify(`a${'\u0345\u0301\u0334'.repeat(20)}`),
    'must have at most 30 combining marks in a row'
  ],
  ['a number', '42', 'must be string'],
  ['true', 'true', 'must be string'],
  ['null', 'null', 'must be string'],
  ['an array', '["Ann"]', 'must be string'],
  ['an object', '{"$ne":""}', 'must be string']
]

/** The problem of these values of fields. */
const wrong = (...errors: Array<[field: string, detail: string]>) =>
  invalid(...errors.map(([field, detail]) => ({ pointer: `#/${field}`, detail })))

describe.each(['name', 'message'])('a %s of', field => {
  test.each(rejected)('%s is rejected, and nothing is stored', async (_kind, json, detail) => {
    const { app } = await build()
    const body = JSON.stringify({ ...hello, [field]: '-' }).replace('"-"', () => json)
    expectProblem(await post(app, body), wrong([field, detail]))
    expect((await get(app)).json()).toEqual({ messages: [], nextCursor: null })
  })
})

describe.each(['name', 'message'] as const)('a %s that is one too long', field => {
  test.each([
    ['letter', 'a'],
    ['emoji', '😀'],
    ['letter with an accent that does not compose', 'x\u0301'],
    ['ideograph beyond the first plane', '𠀀']
  ])('%s is rejected with the limit', async (_kind, unit) => {
    const { app } = await build()
    const perUnit = [...unit.normalize('NFC')].length
    const text = unit.repeat(LIMITS[field] / perUnit)
    expect((await post(app, { ...hello, [field]: text })).statusCode).toBe(201)
    const tooLong = await post(app, { ...hello, [field]: `${text}b` })
    expectProblem(tooLong, wrong([field, TOO_LONG[field]]))
    expect((await get(app)).json().messages).toHaveLength(1)
  })
})

test.each([['\n', 'x'], ['\r\n', 'x'], ['\u2028', '\u{1F44B}']])(
  'of lines that end with %j, 50 are accepted and 51 rejected',
  async (newline, line) => {
    const { app } = await build()
    const lines = (count: number) => Array<string>(count).fill(line)
    const tooMany = await post(app, { ...hello, message: lines(51).join(newline) })
    expectProblem(tooMany, wrong(['message', 'must be at most 50 lines long']))
    const stored = await post(app, { ...hello, message: lines(50).join(newline) })
    expect(stored.json().message).toBe(lines(50).join('\n'))
  }
)

test.each([['spaces', ' '], ['controls', '\0'], ['accents that compose', 'e\u0301']])(
  'a text more than four times too long by %s is rejected before normalisation',
  async (_kind, unit) => {
    const { app } = await build()
    const text = (count: number) => `a${unit.repeat(count)}`
    const response =
      await post(app, { name: text(LIMITS.name * 4), message: text(LIMITS.message * 4) })
    expectProblem(response, wrong(['name', TOO_LONG.name], ['message', TOO_LONG.message]))
  }
)

test('all errors are reported at once', async () => {
  const { app } = await build()
  const long = 'm'.repeat(LIMITS.message + 1)
  const three = wrong(
    ['colour', 'is not a known field'], ['name', EMPTY], ['message', TOO_LONG.message]
  )
  expectProblem(await post(app, { name: ' ', message: long, colour: 'blue' }), three)
  const message = `${'x\n'.repeat(600)}e${'\u0301'.repeat(40)}`
  expectProblem(await post(app, { name: '', message }), wrong(
    ['name', EMPTY],
    ['message', TOO_LONG.message],
    ['message', 'must have at most 30 combining marks in a row'],
    ['message', 'must be at most 50 lines long']
  ))
  const surrogates = await post(app, '{"name":"\\ud800","message":"\\ud800"}')
  expectProblem(surrogates, wrong(['name', HALF], ['message', HALF]))
  expect((await get(app)).json()).toEqual({ messages: [], nextCursor: null })
})
