import { describe, expect, test } from '@jest/globals'
import { fill, get, hello, moderate, post, TOKEN } from './api.ts'
import { build } from './helper.ts'

interface Page { messages: object[], nextCursor: string | null }

describe('a list', () => {
  test('of an empty guestbook is empty', async () => {
    const { app } = await build()
    const response = await get(app)
    expect(response.statusCode).toBe(200)
    expect(response.json()).toEqual({ messages: [], nextCursor: null })
    expect(response.headers).toMatchObject({
      'content-type': 'application/json; charset=utf-8',
      'cache-control': 'no-cache'
    })
  })

  test('has the twenty newest messages by default, newest first', async () => {
    const { app } = await build()
    const posted = await fill(app, 21)
    expect((await get(app)).json()).toEqual({
      messages: posted.slice(0, 20),
      nextCursor: expect.any(String)
    })
  })

  test('has as many messages as the limit', async () => {
    const { app } = await build({ env: { RATE_LIMIT_POSTS: '1000' } })
    const posted = await fill(app, 101)
    for (const limit of [1, 19, 20, 21, 100]) {
      expect((await get(app, `?limit=${limit}`)).json()).toEqual({
        messages: posted.slice(0, limit),
        nextCursor: expect.any(String)
      })
    }
  })

  test.each([
    [45, undefined],
    [40, undefined],
    [7, 3],
    [6, 3],
    [1, 1]
  ])('of %i messages is complete by cursors, limit %p', async (count, limit) => {
    const { app } = await build()
    const posted = await fill(app, count)
    const read: unknown[] = []
    const pages: number[] = []
    let cursor: string | null = ''
    while (cursor !== null) {
      const query: string =
        (limit === undefined ? '' : `&limit=${limit}`) + (cursor && `&cursor=${cursor}`)
      const page: Page = (await get(app, `?${query}`)).json()
      read.push(...page.messages)
      pages.push(page.messages.length)
      cursor = page.nextCursor
    }
    expect(read).toEqual(posted)
    expect(pages).toHaveLength(Math.ceil(count / (limit ?? 20)))
  })

  test('continues at the cursor after posts and moderation', async () => {
    const { app } = await build({ env: { MODERATOR_TOKEN: TOKEN } })
    const posted = await fill(app, 6)
    const { nextCursor } = (await get(app, '?limit=2')).json()
    await post(app, hello)
    await moderate(app, 'hide', posted[1]!.id, `Bearer ${TOKEN}`) // the message of the cursor
    await moderate(app, 'hide', posted[3]!.id, `Bearer ${TOKEN}`)
    expect((await get(app, `?cursor=${nextCursor}`)).json()).toEqual({
      messages: [posted[2], posted[4], posted[5]],
      nextCursor: null
    })
  })
})

describe('a client with the ETag of a list', () => {
  test.each(['', '?limit=2', '?limit=1&cursor='])(
    'gets 304 for %p until it changes',
    async query => {
      const { app } = await build({ env: { MODERATOR_TOKEN: TOKEN } })
      const posted = await fill(app, 3)
      const path = query.endsWith('=')
        ? query + (await get(app, '?limit=1')).json().nextCursor
        : query
      const first = await get(app, path)
      const etag = String(first.headers.etag)
      expect(etag).toMatch(/^"[\w-]+"$/)

      const unchanged = await get(app, path, { 'if-none-match': etag })
      expect({
        status: unchanged.statusCode,
        body: unchanged.body,
        etag: unchanged.headers.etag,
        cache: unchanged.headers['cache-control']
      }).toEqual({ status: 304, body: '', etag, cache: 'no-cache' })

      await moderate(app, 'hide', posted[1]!.id, `Bearer ${TOKEN}`)
      const changed = await get(app, path, { 'if-none-match': etag })
      expect(changed.statusCode).toBe(200)
      expect(changed.headers.etag).not.toBe(etag)
      expect(changed.json()).not.toEqual(first.json())
    }
  )

  test.each([
    ['weak', (etag: string) => `W/${etag}`],
    ['one of several', (etag: string) => `"other", ${etag}, W/"more"`],
    ['any', () => '*']
  ])('may send it in a header that is %s', async (_kind, header) => {
    const { app } = await build()
    await fill(app, 1)
    const { etag } = (await get(app)).headers
    expect((await get(app, '', { 'if-none-match': header(String(etag)) })).statusCode).toBe(304)
  })

  test('of another list gets the whole list', async () => {
    const { app } = await build()
    const posted = await fill(app, 1)
    const response = await get(app, '', { 'if-none-match': '"other"' })
    expect(response.statusCode).toBe(200)
    expect(response.json()).toEqual({ messages: posted, nextCursor: null })
  })
})
