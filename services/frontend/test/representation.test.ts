import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import { expect, test } from '@jest/globals'
import { buildBoth } from './helper.ts'
import { Visitor } from './visitor.ts'

const decode: Record<string, (body: Buffer) => Buffer> = {
  br: brotliDecompressSync,
  gzip: gunzipSync,
  identity: body => body
}

async function open () {
  const built = await buildBoth()
  await built.backend.store.create({ name: 'Ann', message: 'Hello' })
  return { ...built, visitor: new Visitor(built.app) }
}

test('the page is sent in the preferred encoding, with the same content', async () => {
  const { visitor } = await open()
  const plain = (await visitor.get()).body
  const preferences = {
    'gzip, deflate, br, zstd': 'br',
    'gzip, deflate': 'gzip',
    gzip: 'gzip',
    'br;q=0.1, gzip': 'gzip',
    identity: 'identity',
    '': 'identity',
    'br;q=0, gzip;q=0': 'identity',
    zstd: 'identity',
    '*': 'br'
  }
  for (const [accepted, expected] of Object.entries(preferences)) {
    const response = await visitor.get('/', { 'accept-encoding': accepted })
    const { statusCode, headers, rawPayload } = response
    const encoding = headers['content-encoding'] ?? 'identity'
    expect([accepted, statusCode, encoding, headers.vary]).toEqual([
      accepted,
      200,
      expected,
      'accept-encoding'
    ])
    expect(decode[expected]?.(rawPayload).toString()).toBe(plain)
    expect(Number(headers['content-length'])).toBe(rawPayload.length)
  }
})

test('each encoding has its own ETag, and an unchanged page is a 304', async () => {
  const { visitor } = await open()
  const tags = new Set<unknown>()
  for (const encoding of ['br', 'gzip', 'identity']) {
    const {
      headers: { etag }
    } = await visitor.get('/', { 'accept-encoding': encoding })
    tags.add(etag)
    const again = await visitor.get('/', {
      'accept-encoding': encoding,
      'if-none-match': String(etag)
    })
    expect([
      again.statusCode,
      again.body,
      again.headers.etag,
      again.headers['cache-control'],
      again.headers.vary
    ]).toEqual([304, '', etag, 'private, no-cache', 'accept-encoding'])
    const other = await visitor.get('/', {
      'accept-encoding': encoding === 'br' ? 'gzip' : 'br',
      'if-none-match': String(etag)
    })
    expect(other.statusCode).toBe(200)
  }
  expect(tags.size).toBe(3)
})

test('a new message changes the ETag', async () => {
  const { visitor } = await open()
  const { headers: { etag } } = await visitor.get()
  await visitor.sign({ name: 'Ben', message: 'Hi' })
  const changed = await visitor.get('/', { 'if-none-match': String(etag) })
  expect(changed.statusCode).toBe(200)
  expect(changed.headers.etag).not.toBe(etag)
})

test('error pages have no ETag; only those with a draft are cached, by the browser', async () => {
  const { visitor } = await open()
  const [error, draft] = [
    await visitor.get('/nothing', { 'if-none-match': '*' }),
    await visitor.sign({ name: '', message: 'draft' }, { 'if-none-match': '*' })
  ]
  for (const [response, caching] of [
    [error, 'no-store'],
    [draft, 'private, no-cache']
  ] as const) {
    expect([
      response.headers.etag,
      response.headers['cache-control'],
      response.body.length > 0
    ]).toEqual([undefined, caching, true])
  }
})

test('URLs of the style sheet and the icon contain a hash and never expire', async () => {
  const { visitor } = await open()
  const links = [...(await visitor.get()).body.matchAll(/(?:href|src)="(\/assets\/[^"]+)"/g)].map(
    ([, url]) => url
  )
  expect([...new Set(links)]).toEqual([
    expect.stringMatching(/^\/assets\/[\w-]{27}\/guestbook\.css$/),
    expect.stringMatching(/^\/assets\/[\w-]{27}\/icon\.svg$/)
  ])
  for (const [url, type] of [
    [links[0], 'text/css; charset=utf-8'],
    [links[1], 'image/svg+xml']
  ] as const) {
    const { statusCode, headers } = await visitor.get(url, { 'accept-encoding': 'br' })
    expect([
      statusCode,
      headers['content-type'],
      headers['content-encoding'],
      headers['cache-control'],
      headers['set-cookie']
    ]).toEqual([200, type, 'br', 'public, max-age=31536000, immutable', undefined])
    expect(
      (await visitor.get(url, { 'accept-encoding': 'br', 'if-none-match': String(headers.etag) }))
        .statusCode
    ).toBe(304)
  }
})
