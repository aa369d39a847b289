import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { messagePath } from '../src/pages/message-path.ts'
import { excerpt } from '../src/pages/renderer.ts'
import { buildWithFake, json, startFakeBackend, STORED } from './fake-backend.ts'
import { build } from './helper.ts'
import { messagePageOn } from './html.ts'
import { stopTime } from './time.ts'

/** Any text, with a bias to texts that may break markup or excerpts. */
const anyText = fc
  .array(
    fc.oneof(
      fc.string({ unit: 'grapheme', minLength: 1 }),
      fc.string({ unit: 'binary', minLength: 1 }),
      fc.constantFrom('👩‍👩‍👧‍👦', '🏳️‍🌈', 'e\u0301\u0301', 'नमस्ते', 'שלום', '\n\n', '\t'),
      fc.constantFrom('"><script>alert(1)</script>', "' onerror='x", '</title>'),
      fc.constantFrom('{{name}}', '&amp;', '&lt;')
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
  const { visitor, backend } = await buildWithFake()
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
const ORIGINS = { PUBLIC_ORIGIN: 'https://Book.example:443, http://other.example' }
const HTTPS = { 'x-forwarded-proto': 'https' }
const OTHER_HOST = { 'x-forwarded-host': 'other.example' }
const BOOK = 'book.example:8080'

describe('the URL in the preview', () => {
  test.each<[string, object, object, string]>([
    ['has the host of the request', {}, {}, `http://${BOOK}`],
    ['has the scheme that a trusted proxy forwards', TRUSTING, HTTPS, `https://${BOOK}`],
    ['has the host that a trusted proxy forwards', TRUSTING, OTHER_HOST, 'http://other.example'],
    ['has the first public origin', ORIGINS, {}, 'https://book.example'],
    ['ignores the host that an untrusted client forwards', {}, OTHER_HOST, `http://${BOOK}`],
    ['ignores the scheme that an untrusted client forwards', {}, HTTPS, `http://${BOOK}`]
  ])('%s', async (_kind, env, headers, origin) => {
    const backend = await startFakeBackend(json(200, STORED))
    const { visitor } = await build({ BACKEND_URL: backend.url, ...env })
    const path = messagePath(STORED.id)
    const { body } = await visitor.get(path, { host: BOOK, ...headers })
    const url = origin + path
    expect(messagePageOn(body)).toMatchObject({ canonical: url, meta: { 'og:url': url } })
  })

  test('is escaped', async () => {
    const { visitor } = await buildWithFake(json(200, STORED))
    const host = 'x"><script>alert(1)</script>'
    const { body } = await visitor.get(messagePath(STORED.id), { host })
    expect(body).not.toContain('<script')
  })
})
