import { describe, expect, test } from '@jest/globals'
import { aTime, anId, expectProblem, fill, get, hello, MESSAGES, post, UNKNOWN_ID } from './api.ts'
import { build } from './helper.ts'

const LIMITS = { name: 80, message: 1000 }

describe('posting', () => {
  test('a message gets 201 with its stored form and Location', async () => {
    const { app } = await build()
    const response = await post(app, hello)
    expect(response.statusCode).toBe(201)
    expect(response.json()).toEqual({ ...hello, id: anId, createdAt: aTime })
    expect(response.headers).toMatchObject({
      location: `${MESSAGES}/${response.json().id}`,
      'content-type': 'application/json; charset=utf-8',
      'content-security-policy': "default-src 'none';frame-ancestors 'none'",
      'x-content-type-options': 'nosniff'
    })
    expect(response.headers).not.toHaveProperty('idempotency-replayed')
    expect((await app.inject(response.headers.location!)).json()).toEqual(response.json())
  })

  test('createdAt is the time of storage', async () => {
    const { app } = await build()
    const before = Date.now()
    const time = Date.parse((await post(app, hello)).json().createdAt)
    expect(time).toBeGreaterThanOrEqual(before)
    expect(time).toBeLessThanOrEqual(Date.now())
  })

  test.each([
    ['text at both limits', { name: 'n'.repeat(LIMITS.name), message: 'm'.repeat(LIMITS.message) }],
    [
      'emoji at both limits',
      { name: '😀'.repeat(LIMITS.name), message: '😀'.repeat(LIMITS.message) }
    ],
    ['emoji sequences', { name: '👩‍👩‍👧‍👦', message: 'Flags 🏳️‍🌈 and skin 👋🏽' }],
    [
      'scripts of the world',
      { name: 'Ἀθηνᾶ שָׁרָה 李', message: 'Grüße, привет, مرحبا, नमस्ते, こんにちは' }
    ],
    ['several lines', { name: 'Ann', message: 'One\n\tTwo\n\nThree' }],
    [
      'HTML and script',
      { name: '<b>Ann</b>', message: '<script>alert("1")</script> & <img src=x onerror=alert(1)>' }
    ],
    [
      'SQL and operators',
      {
        name: "Robert'); DROP TABLE messages;--",
        message: '{"$gt": ""} {{constructor}} #{7*7} %s \\'
      }
    ]
  ])('%s is stored unchanged', async (_kind, text) => {
    const { app } = await build()
    const response = await post(app, text)
    expect(response.statusCode).toBe(201)
    expect(response.json()).toEqual({ ...text, id: anId, createdAt: aTime })
    expect((await get(app)).json()).toEqual({ messages: [response.json()], nextCursor: null })
  })

  test.each([
    ['space around it', ' \t Ann \n', '\n\n  Hello  \n', 'Ann', 'Hello'],
    ['lines in a name', 'Ann\r\nBolt', 'Hello\r\nyou\rthere', 'Ann Bolt', 'Hello\nyou\nthere'],
    ['many blank lines', 'Ann', 'Hello\n\n \n\t\n\nyou', 'Ann', 'Hello\n\nyou'],
    [
      'NUL and other control characters', 'A\u0000n\u0007n\u007f', 'He\u0000l\u001b[31ml\u0085o',
      'Ann', 'Hel[31mlo'
    ],
    [
      'direction overrides',
      '\u202EAnn',
      'Hello\u202A\u202B\u202C\u202D\u202Ethere\u202C',
      'Ann',
      'Hellothere'
    ],
    ['a byte order mark', '\uFEFFAnn', 'Hel\uFEFFlo', 'Ann', 'Hello'],
    ['decomposed accents', 'Zoe\u0308', 'Caf\u0065\u0301', 'Zoë', 'Café'],
    [
      'controls around a whole text at the limit',
      `\u0000 ${'n'.repeat(LIMITS.name)} \u0000`,
      `\u202E${'m'.repeat(LIMITS.message)}\n`,
      'n'.repeat(LIMITS.name),
      'm'.repeat(LIMITS.message)
    ]
  ])(
    '%s is normalised before it is stored',
    async (_kind, name, message, storedName, storedMessage) => {
      const { app, store } = await build()
      const response = await post(app, { name, message })
      expect(response.json()).toEqual({
        name: storedName,
        message: storedMessage,
        id: anId,
        createdAt: aTime
      })
      expect(await store.list({ limit: 2 })).toEqual([
        expect.objectContaining({ name: storedName, message: storedMessage })
      ])
    }
  )

  test('order and escapes of JSON fields make no difference', async () => {
    const { app } = await build()
    const response = await post(
      app,
      ' {"message":"\\u0048ello \\ud83d\\ude00 \\"name\\":", "\\u006eame" : "Ann"} '
    )
    expect(response.json()).toEqual({
      name: 'Ann',
      message: 'Hello 😀 "name":',
      id: anId,
      createdAt: aTime
    })
  })
})

describe('reading one message', () => {
  test('returns that message', async () => {
    const { app } = await build()
    const [, middle] = await fill(app, 3)
    const response = await get(app, `/${middle!.id}`)
    expect(response.statusCode).toBe(200)
    expect(response.json()).toEqual(middle)
  })

  test('is 404 for an unknown id', async () => {
    const { app } = await build()
    expectProblem(await get(app, `/${UNKNOWN_ID}`), {
      status: 404,
      kind: 'not-found',
      detail: `There is no message ${UNKNOWN_ID}, or it is hidden.`
    })
  })
})
