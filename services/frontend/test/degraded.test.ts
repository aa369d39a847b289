import { describe, expect, jest, test } from '@jest/globals'
import { TIME_BUDGET } from '@guestbook/service-kit'
import { setClock } from '@guestbook/service-kit/testing'
import { NO_MESSAGES } from '../src/pages/newest.ts'
import { A_REFERENCE, buildBoth, cleanUp, until } from './helper.ts'
import { buildWithFake, hangUp, json, pageOf, problem, raw, STORED } from './fake-backend.ts'
import { asOfOn, formOn, messagesOn, referenceOn, titleOn } from './html.ts'
import { skipRetryPauses } from './time.ts'

const DRAFT = { name: 'Ben', message: 'A <draft>\nof two lines' }
const page = pageOf([STORED])
const UNREACHABLE = 'The guestbook cannot be reached just now.'
const HTML = { 'content-type': 'text/html; charset=utf-8' }
const KEPT = { 'cache-control': 'private, no-cache' }
const RETRY = { 'retry-after': '5' }

skipRetryPauses()

describe('while the backend is unavailable', () => {
  test.each([
    ['hangs up', hangUp],
    ['returns 503', problem(503)],
    ['is behind a bad gateway', raw(502, '<html>Bad gateway</html>')],
    ['is behind a gateway that times out', raw(504, '')]
  ])('when it %s, a page without a copy has the form and a reference', async (_how, down) => {
    const { visitor } = await buildWithFake(down)
    const { statusCode, headers, body } = await visitor.get()
    expect(statusCode).toBe(503)
    expect(headers).toMatchObject({ ...HTML, ...KEPT, ...RETRY })
    expect(headers).not.toHaveProperty('etag')
    expect(formOn(body)).toEqual({
      name: '',
      message: '',
      errors: { name: undefined, message: undefined },
      alert: UNREACHABLE
    })
    expect(body).toContain('No messages can be shown just now.')
    expect(body).not.toMatch(/Nobody has written|INNER WORDS|Bad gateway/)
    expect(asOfOn(body)).toBeUndefined()
    expect(referenceOn(body)).toMatch(A_REFERENCE)
  })

  test.each([
    ['2026-01-01T14:05:59Z', '2026-01-01T14:10:59Z', '1 Jan 2026, 14:05 UTC'],
    ['2025-12-31T23:58:00Z', '2026-01-01T00:03:00Z', '31 Dec 2025, 23:58 UTC'],
    ['2028-02-29T00:00:00Z', '2028-02-29T00:05:00Z', '29 Feb 2028, 00:00 UTC']
  ])(
    'visitors see the last messages with their date and time (read at %s, shown at %s)',
    async (readAt, shownAt, asOf) => {
      const { visitor, backend } = await buildWithFake(page)
      setClock(readAt)
      await visitor.get()
      setClock(shownAt)
      backend.respondWith(hangUp)
      const { statusCode, headers, body } = await visitor.get()
      expect(statusCode).toBe(503)
      expect(headers).toMatchObject(RETRY)
      expect(asOfOn(body)).toBe(asOf)
      expect(body).toContain(`<time datetime="${new Date(readAt).toISOString()}">${asOf}</time>`)
      expect(messagesOn(body)).toMatchObject([{ id: STORED.id, message: 'Hello' }])
      expect(formOn(body)?.alert).toBe(UNREACHABLE)
    }
  )

  test('an expired copy is not shown, since messages may have been hidden', async () => {
    const { visitor, backend } = await buildWithFake(page)
    const readAt = Date.parse('2026-01-01T14:05:00Z')
    setClock(readAt)
    await visitor.get()
    backend.respondWith(hangUp)
    for (const [ageMs, shown] of [
      [TIME_BUDGET.staleCopyMs, 1],
      [TIME_BUDGET.staleCopyMs + 1, 0]
    ] as const) {
      jest.setSystemTime(readAt + ageMs)
      for (const { statusCode, body } of [await visitor.get(), await visitor.sign(DRAFT)]) {
        expect([statusCode, messagesOn(body).length]).toEqual([503, shown])
        expect(body.includes('No messages can be shown just now.')).toBe(shown === 0)
      }
    }
  })

  test('a failed post does not read the messages again', async () => {
    const { visitor, backend } = await buildWithFake(page)
    await visitor.get()
    backend.respondWith(hangUp)
    const before = backend.received.length
    expect(messagesOn((await visitor.sign(DRAFT)).body)).toHaveLength(1)
    const methods = backend.received.slice(before).map(({ method }) => method)
    expect(methods).toEqual(Array(4).fill('POST'))
  })

  test('a 304 response renews the time of the copy', async () => {
    const { visitor, backend } = await buildWithFake(page)
    setClock('2026-01-01T14:00:00Z')
    await visitor.get()
    setClock('2026-01-01T14:30:00Z')
    backend.respondWith(raw(304, ''))
    expect((await visitor.get()).statusCode).toBe(200)
    backend.respondWith(hangUp)
    expect(asOfOn((await visitor.get()).body)).toBe('1 Jan 2026, 14:30 UTC')
  })

  test('a failed post keeps the draft and says that nothing is lost', async () => {
    const { visitor, backend } = await buildWithFake(page)
    await visitor.get()
    backend.respondWith(hangUp)
    const { statusCode, headers, body } = await visitor.sign(DRAFT)
    expect(statusCode).toBe(503)
    expect(headers).toMatchObject({ ...KEPT, ...RETRY })
    expect(formOn(body)).toMatchObject({ ...DRAFT, alert: expect.stringContaining(UNREACHABLE) })
    expect(messagesOn(body)).toHaveLength(1)
    expect(asOfOn(body)).toMatch(/^\d{1,2} \w{3,4} \d{4}, \d\d:\d\d UTC$/)
    expect(referenceOn(body)).toMatch(A_REFERENCE)
  })

  test('older messages are unavailable, with an error page', async () => {
    const { visitor } = await buildWithFake(hangUp)
    const { statusCode, headers, body } = await visitor.get('/?before=abc')
    expect([statusCode, titleOn(body)]).toEqual([503, 'The guestbook cannot be reached'])
    expect(headers).toMatchObject(RETRY)
    expect(referenceOn(body)).toMatch(A_REFERENCE)
  })

  test('the service stays alive and ready', async () => {
    const { visitor } = await buildWithFake(hangUp)
    await visitor.get()
    expect(await visitor.get('/health')).toMatchObject({ statusCode: 200 })
    expect(await visitor.get('/ready')).toMatchObject({ statusCode: 200 })
  })
})

test('the page recovers when the backend does', async () => {
  const { visitor, backend } = await buildWithFake(page)
  await visitor.get()
  backend.respondWith(hangUp)
  expect((await visitor.get()).statusCode).toBe(503)
  backend.respondWith(page)
  await until('the page is back', async () => (await visitor.get()).statusCode === 200)
  const { statusCode, headers, body } = await visitor.get()
  expect(statusCode).toBe(200)
  expect(headers).not.toHaveProperty('retry-after')
  expect([asOfOn(body), formOn(body)?.alert]).toEqual([undefined, undefined])
})

test('an invalid backend response is a 500 page without internal details', async () => {
  for (const invalid of [
    raw(200, '<html>'),
    raw(200, ''),
    json(200, { messages: 'none' }),
    json(200, [NO_MESSAGES]),
    raw(304, ''),
    problem(500),
    raw(404, 'x'),
    problem(404),
    problem(401)
  ]) {
    const { visitor, service } = await buildWithFake(invalid)
    const { statusCode, headers, body } = await visitor.get()
    expect([statusCode, titleOn(body)]).toEqual([500, 'Something went wrong'])
    expect(headers).toMatchObject(HTML)
    expect(body).not.toMatch(/INNER WORDS|contract|BackendClientError|at \w+ \(/)
    const line = { level: 'error', msg: 'request failed', trace_id: referenceOn(body) }
    expect(service.lines).toContainEqual(expect.objectContaining(line))
  }
})

test('an invalid backend response to a post keeps the draft', async () => {
  for (const invalid of [
    raw(201, '<html>'),
    json(201, {}),
    problem(500),
    raw(400, 'no problem'),
    problem(404),
    problem(422)
  ]) {
    const { visitor } = await buildWithFake(invalid)
    const { statusCode, headers, body } = await visitor.sign(DRAFT)
    expect(statusCode).toBe(500)
    expect(headers).toMatchObject({ ...HTML, ...KEPT })
    const alert = expect.stringContaining('Something went wrong on our side.')
    expect(formOn(body)).toMatchObject({ ...DRAFT, alert })
    expect(referenceOn(body)).toMatch(A_REFERENCE)
    expect(body).not.toMatch(/INNER WORDS|contract/)
  }
})

test('the fault storeDown makes the backend unavailable until it is cleared', async () => {
  const { service, visitor, backend } = await buildBoth()
  cleanUp(() => {
    service.faults.clear()
    backend.service.faults.clear()
  })
  for (const { faults } of [service, backend.service]) {
    faults.set({ storeDown: true, expiresInSeconds: 60 })
    expect(await visitor.get()).toMatchObject({ statusCode: 503 })
    expect(await visitor.sign(DRAFT)).toMatchObject({ statusCode: 503 })
    faults.clear()
    await until('the page is back', async () => (await visitor.get()).statusCode === 200)
  }
  expect(await backend.stored()).toEqual([])
})
