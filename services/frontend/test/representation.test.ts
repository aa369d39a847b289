import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import { expect, test } from '@jest/globals'
import { buildBoth } from './helper.ts'

const decode: Record<string, (body: Buffer) => Buffer> = {
  br: brotliDecompressSync,
  gzip: gunzipSync,
  identity: body => body
}

async function open () {
  const { visitor, backend } = await buildBoth()
  await backend.store.create({ name: 'Ann', message: 'Hello' })
  return visitor
}

test('the page is sent in the preferred encoding, with the same content', async () => {
  const visitor = await open()
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
    const { statusCode, headers, rawPayload } =
      await visitor.get('/', { 'accept-encoding': accepted })
    const encoding = headers['content-encoding'] ?? 'identity'
    expect([accepted, statusCode, encoding]).toEqual([accepted, 200, expected])
    expect(headers.vary).toBe('accept-encoding')
    expect(decode[expected]?.(rawPayload).toString()).toBe(plain)
    expect(Number(headers['content-length'])).toBe(rawPayload.length)
  }
})

test('each encoding has its own ETag, and an unchanged page is a 304', async () => {
  const visitor = await open()
  const tags = new Set<unknown>()
  for (const encoding of ['br', 'gzip', 'identity']) {
    const get = async (encoding: string, headers = {}) =>
      await visitor.get('/', { 'accept-encoding': encoding, ...headers })
    const { etag } = (await get(encoding)).headers
    tags.add(etag)
    const known = { 'if-none-match': String(etag) }
    const headers = { etag, 'cache-control': 'private, no-cache', vary: 'accept-encoding' }
    expect(await get(encoding, known)).toMatchObject({ statusCode: 304, body: '', headers })
    expect((await get(encoding === 'br' ? 'gzip' : 'br', known)).statusCode).toBe(200)
  }
  expect(tags.size).toBe(3)
})

test('a new message changes the ETag', async () => {
  const visitor = await open()
  const { headers: { etag } } = await visitor.get()
  await visitor.sign({ name: 'Ben', message: 'Hi' })
  const changed = await visitor.get('/', { 'if-none-match': String(etag) })
  expect(changed.statusCode).toBe(200)
  expect(changed.headers.etag).not.toBe(etag)
})

test('error pages have no ETag; only those with a draft are cached, by the browser', async () => {
  const visitor = await open()
  const conditional = { 'if-none-match': '*' }
  for (const [{ headers, body }, caching] of [
    [await visitor.get('/nothing', conditional), 'no-store'],
    [await visitor.sign({ name: '', message: 'draft' }, conditional), 'private, no-cache']
  ] as const) {
    expect([headers.etag, headers['cache-control']]).toEqual([undefined, caching])
    expect(body).not.toBe('')
  }
})

test('URLs of the style sheet and the icon contain a hash and never expire', async () => {
  const visitor = await open()
  const { body } = await visitor.get()
  const links = [...body.matchAll(/(?:href|src)="(\/assets\/[^"]+)"/g)].map(([, url]) => url)
  expect([...new Set(links)]).toEqual([
    expect.stringMatching(/^\/assets\/[\w-]{27}\/guestbook\.css$/),
    expect.stringMatching(/^\/assets\/[\w-]{27}\/icon\.svg$/)
  ])
  for (const [url, type] of [
    [links[0], 'text/css; charset=utf-8'],
    [links[1], 'image/svg+xml']
  ] as const) {
    const brotli = { 'accept-encoding': 'br' }
    const { statusCode, headers } = await visitor.get(url, brotli)
    expect(statusCode).toBe(200)
    expect(headers).toMatchObject({
      'content-type': type,
      'content-encoding': 'br',
      'cache-control': 'public, max-age=31536000, immutable'
    })
    expect(headers).not.toHaveProperty('set-cookie')
    const again = await visitor.get(url, { ...brotli, 'if-none-match': String(headers.etag) })
    expect(again.statusCode).toBe(304)
  }
})
