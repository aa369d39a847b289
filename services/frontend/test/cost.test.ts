import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { hostileText, hostileTexts } from '@guestbook/service-kit/testing/hostile-text'
import { json, onPost, startFakeBackend } from './fake-backend.ts'
import { build, startBackend } from './helper.ts'

/** Limit of the ratio to plain text of the same size; quadratic work exceeds it by far. */
const MAX_RATIO = 10
const BODY_LIMIT = 64 * 1024
/** Texts short enough to be normalised, and one too long. */
const SIZES = [3_900, 7_900, 60_000]
const UNLIMITED = { RATE_LIMIT_POSTS: '1000000000', LOG_LEVEL: 'fatal' }
const PLAIN = (bytes: number) => 'x'.repeat(bytes)

interface Service {
  /** A body with the text in a field. */
  encode: (field: string, text: string) => string
  send: (body: string) => Promise<{ statusCode: number }>
}

async function startJsonService (): Promise<Service> {
  const { app } = await startBackend(UNLIMITED)
  return {
    encode: (field, text) => JSON.stringify({ name: 'Ann', message: 'Hello', [field]: text }),
    send: async payload =>
      await app.inject({
        method: 'POST',
        url: '/api/v1/messages',
        payload,
        headers: { 'content-type': 'application/json' }
      })
  }
}

/** Its backend rejects everything immediately, so that only the frontend's work is measured. */
async function startFormService (): Promise<Service> {
  const errors = [{ pointer: '#/message', detail: 'is invalid' }]
  const { url } = await startFakeBackend(onPost(json(400, { detail: 'no', errors })))
  const { visitor } = await build({ ...UNLIMITED, BACKEND_URL: url })
  return {
    // Escapes as little as possible, to fit as much text as possible into the body.
    encode: (field, text) => {
      const other = field === 'name' ? 'message=Hello' : 'name=Ann'
      return `${other}&${field}=${text.toWellFormed().replace(/[%&+]/g, encodeURIComponent)}`
    },
    send: async body => await visitor.post(body)
  }
}

/** Maximum number of measurements. A busy machine disturbs most of them, but hardly all. */
const ROUNDS = 200

/** The ratio of the minimum times. Measures until the ratio is low enough, or ROUNDS times. */
async function ratio (send: Service['send'], hostile: string, plain: string): Promise<number> {
  const least = { hostile: Infinity, plain: Infinity }
  const isHigh = () => least.hostile / least.plain > MAX_RATIO
  for (let round = 0; round < ROUNDS && (round < 2 || isHigh()); round++) {
    for (const [key, body] of [['plain', plain], ['hostile', hostile]] as const) {
      const started = performance.now()
      const { statusCode } = await send(body)
      least[key] = Math.min(least[key], performance.now() - started)
      expect(statusCode).toBeLessThan(500)
    }
  }
  return least.hostile / least.plain
}

function cut (text: string, encode: (text: string) => string): string {
  const bytes = Buffer.byteLength(encode(text))
  if (bytes <= BODY_LIMIT) return text
  return cut(text.slice(0, Math.floor((text.length * BODY_LIMIT) / bytes) - 1), encode)
}

async function ratioOf ({ encode, send }: Service, field: string, text: string): Promise<number> {
  const hostile = encode(field, cut(text, text => encode(field, text)))
  const bytes = Buffer.byteLength(hostile) - encode(field, '').length
  return await ratio(send, hostile, encode(field, PLAIN(Math.max(1, bytes))))
}

describe.each([
  ['JSON', startJsonService],
  ['a form', startFormService]
])('no text in %s takes much longer than plain text of its size:', (_type, start) => {
  test.each(SIZES)('each kind, with %i bytes', async bytes => {
    const service = await start()
    const tooSlow: Array<[string, string, number]> = []
    for (const [kind, text] of hostileTexts(bytes)) {
      for (const field of ['name', 'message']) {
        const times = await ratioOf(service, field, text)
        if (times > MAX_RATIO) tooSlow.push([kind, field, times])
      }
    }
    expect(tooSlow).toEqual([])
  })

  test('any mixture', async () => {
    const service = await start()
    const field = fc.constantFrom('name', 'message')
    const isCheap = fc.asyncProperty(hostileText(60_000), field, async (text, field) => {
      expect(await ratioOf(service, field, text)).toBeLessThanOrEqual(MAX_RATIO)
    })
    await fc.assert(isCheap, { numRuns: 50 })
  })
})

/** Expects a body to take about as long as a plain text of its size. */
async function expectCheap ({ encode, send }: Service, body: string) {
  const plain = encode('message', PLAIN(body.length - 40))
  expect(await ratio(send, body, plain)).toBeLessThanOrEqual(MAX_RATIO)
}

const MANY_FIELDS = Array.from({ length: 8000 }, (_, i) => `"${i.toString(36)}":1`)

test.each<[string, string]>([
  ['many unknown fields', `{${MANY_FIELDS.join(',')}}`],
  ['deep arrays', '['.repeat(32_000) + ']'.repeat(32_000)],
  ['deep objects', '{"a":'.repeat(10_000) + '1' + '}'.repeat(10_000)],
  ['a long array', `{"name":[${'"",'.repeat(20_000)}1]}`],
  ['one name over and over', `{${'"":1,'.repeat(12_000)}"a":1}`],
  ['a name that is as long as the body', `{"${'~/'.repeat(32_000)}":1}`],
  ['a long name twice', `{"${'ü'.repeat(15_000)}":1,"${'ü'.repeat(15_000)}":1}`],
  ['names like a prototype', `{"a":[${'{"__protp__":1},'.repeat(3_900)}1]}`],
  ['escapes', `{"message":"${'\\u0345'.repeat(10_000)}"}`],
  ['a text without an end', `"${'\\"'.repeat(32_000)}`],
  ['white space', `{${' '.repeat(65_000)}}`],
  ['a long number', `{"message":${'1'.repeat(65_000)}}`]
])('no JSON takes much longer than plain text of its size: %s', async (_kind, body) => {
  expect(Buffer.byteLength(body)).toBeLessThanOrEqual(BODY_LIMIT)
  await expectCheap(await startJsonService(), body)
})

test.each<[string, string]>([
  ['ampersands', '&'.repeat(65_000)],
  ['equal signs', '='.repeat(65_000)],
  ['pairs of an unknown field', 'a=1&'.repeat(16_000)],
  ['plus signs', `name=${'+'.repeat(65_000)}`],
  ['escaped letters', `name=${'%41'.repeat(21_000)}`],
  ['escaped marks', `name=a${'%CD%85%CC%81%CC%B4'.repeat(3_600)}`],
  ['broken escapes', `name=${'%E9'.repeat(21_000)}`],
  ['a long name', `${'<'.repeat(65_000)}=1`]
])('no form takes much longer than plain text of its size: %s', async (_kind, body) => {
  await expectCheap(await startFormService(), body)
})
