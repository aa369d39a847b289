import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { messagePath } from '../src/pages/message-path.ts'
import { excerpt } from '../src/pages/renderer.ts'
import { json, startFakeBackend, STORED } from './fake-backend.ts'
import { build } from './helper.ts'
import { messagePageOn } from './html.ts'
import { stopTime } from './time.ts'
import { Visitor } from './visitor.ts'

/** Any text, with a bias to texts that may break markup or excerpts. */
const anyText = fc
  .array(
    fc.oneof(
      fc.string({ unit: 'grapheme', minLength: 1 }),
      fc.string({ unit: 'binary', minLength: 1 }),
      fc.constantFrom('👩‍👩‍👧‍👦', '🏳️‍🌈', 'e\u0301\u0301', 'नमस्ते', 'שלום', '\n\n', '\t'),
      fc.constantFrom(
        '"><script>alert(1)</script>',
        "' onerror='x",
        '</title>',
        '{{name}}',
        '&amp;',
        '&lt;'
      )
    ),
    { minLength: 1, maxLength: 60 }
  )
  .map(parts => parts.join(''))

test('an excerpt is the beginning of the text on one line, cut between graphemes', () => {
  const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' })
  const graphemes = (text: string) => [...segmenter.segment(text)].map(({ segment }) => segment)
  fc.assert(fc.property(anyText, fc.integer({ min: 1, max: 20 }), (text, times) => {
    const long = text.repeat(times)
    const line = long.trim().split(/\s+/).join(' ')
    const preview = excerpt(long)
    expect(preview).not.toMatch(/[\n\r\t]/)
    if (graphemes(line).length <= 200) {
      expect(preview).toBe(line)
    } else {
      expect(preview.at(-1)).toBe('…')
      expect(graphemes(line).slice(0, 200).join('').trimEnd()).toBe(preview.slice(0, -1))
    }
  }))
})

test('any text appears on the page and in the preview, and is never executed', async () => {
  const backend = await startFakeBackend()
  const visitor = new Visitor((await build({ BACKEND_URL: backend.url })).app)
  stopTime() // reads have no timeout, however slow the machine is
  // Normalised texts have neither.
  const stored = anyText.filter(text => text.isWellFormed() && !text.includes('\r'))
  await fc.assert(
    fc.asyncProperty(stored, stored, async (name, message) => {
      backend.respondWith(json(200, { ...STORED, name, message }))
      const { statusCode, body } = await visitor.get(messagePath(STORED.id))
      const title = `${name} · Guestbook`
      const description = excerpt(message)
      expect(statusCode).toBe(200)
      expect(messagePageOn(body)).toMatchObject({
        name,
        message,
        title,
        meta: { description, 'og:description': description, 'og:title': title }
      })
      expect(body).not.toMatch(/<script|onerror='/)
    })
  )
})

const TRUSTING = { TRUST_PROXY: 'loopback' }

describe('the URL in the preview', () => {
  test.each([
    ['has the host of the request', {}, {}, 'http://book.example:8080'],
    [
      'has the scheme that a trusted proxy forwards',
      TRUSTING,
      { 'x-forwarded-proto': 'https' },
      'https://book.example:8080'
    ],
    [
      'has the host that a trusted proxy forwards',
      TRUSTING,
      { 'x-forwarded-host': 'other.example' },
      'http://other.example'
    ],
    [
      'has the first public origin',
      { PUBLIC_ORIGIN: 'https://Book.example:443, http://other.example' },
      {},
      'https://book.example'
    ],
    [
      'ignores a host forwarded by others',
      {},
      { 'x-forwarded-host': 'evil.example' },
      'http://book.example:8080'
    ],
    [
      'ignores a scheme forwarded by others',
      {},
      { 'x-forwarded-proto': 'https' },
      'http://book.example:8080'
    ]
  ])('%s', async (_kind, env, headers, origin) => {
    const backend = await startFakeBackend(json(200, STORED))
    const { app } = await build({ BACKEND_URL: backend.url, ...env })
    const path = messagePath(STORED.id)
    const { body } = await new Visitor(app, { headers: { host: 'book.example:8080' } }).get(
      path,
      { ...headers }
    )
    const url = origin + path
    expect(messagePageOn(body)).toMatchObject({ canonical: url, meta: { 'og:url': url } })
  })

  test('is escaped', async () => {
    const backend = await startFakeBackend(json(200, STORED))
    const { app } = await build({ BACKEND_URL: backend.url })
    const host = 'x"><script>alert(1)</script>'
    const { body } = await new Visitor(app).get(messagePath(STORED.id), { host })
    expect(body).not.toContain('<script')
  })
})
